-- Who may see and change which row. Policies are per command and per role of the person: a rule for
-- all commands would let a viewer write. They ask definer functions once per query, not per row.

create function access.my_teams() returns uuid[]
language sql stable security definer set search_path = public, access, pg_catalog, pg_temp
as $$
    select coalesce(array_agg(t.team_id), '{}') from team_access t
     where t.user_id = access.current_actor()
$$;

-- Projects shared with the actor. Being allowed something takes the role and its flag.
create function access.my_collaborations(_may text) returns uuid[]
language sql stable security definer set search_path = public, access, pg_catalog, pg_temp
as $$
    select coalesce(array_agg(c.project_id), '{}') from project_collaborators c
     where c.user_id = access.current_actor() and c.status = 'active'
       and case _may
             when 'read' then true
             when 'edit' then c.role in ('editor', 'admin')
                              and coalesce((c.permissions ->> 'canEdit')::boolean, false)
             else false
           end
$$;

-- The actor's own role in a project and its flags: no row when there is nothing to see. Owner and
-- team stand above an invitation.
create function access.project_standing(_project uuid)
returns table (role text, permissions jsonb)
language sql stable security definer set search_path = public, access, pg_catalog, pg_temp
as $$
    select s.role, s.permissions from (
        select 0 as place, 'owner' as role, null::jsonb as permissions
          from projects p where p.id = _project and p.owner_id = access.current_actor()
        union all
        select 1, case when t.role in ('owner', 'admin') then 'admin' else 'editor' end, null
          from projects p join team_access t on t.team_id = p.team_id
         where p.id = _project and t.user_id = access.current_actor()
        union all
        select 2, c.role, c.permissions from project_collaborators c
         where c.project_id = _project and c.user_id = access.current_actor()
           and c.status = 'active'
    ) s order by s.place limit 1
$$;

-- A project's row follows its log also for those who may write facts but not edit (exports).
create function access.note_version(_project uuid, _version integer, _command_number integer)
returns void
language sql volatile security definer set search_path = public, access, pg_catalog, pg_temp
as $$
    update projects p set version = _version, command_number = _command_number
     where p.id = _project and p.version < _version
       and (access.is_service() or exists (
            select from eventlog.log_access a
             where a.aggregate_id = _project and a.actor = access.current_actor() and a.can_write))
$$;

-- Counted by whoever applies a template, which is seldom the one who made it.
create function access.count_template_use(_template uuid, _times integer) returns void
language sql volatile security definer set search_path = public, access, pg_catalog, pg_temp
as $$
    update templates t set usage_count = coalesce(t.usage_count, 0) + _times
     where t.id = _template and access.current_actor() is not null
$$;

revoke all on function access.my_teams(), access.my_collaborations(text),
    access.project_standing(uuid), access.note_version(uuid, integer, integer),
    access.count_template_use(uuid, integer) from public;
grant execute on function access.my_teams(), access.my_collaborations(text),
    access.project_standing(uuid), access.note_version(uuid, integer, integer),
    access.count_template_use(uuid, integer) to multicanvas_app, multicanvas_worker;

-- A collaborator's right to the project's log follows the row, at once.
create function access.follow_collaborator() returns trigger
language plpgsql security definer set search_path = public, access, pg_catalog, pg_temp
as $$
declare
    may_write boolean;
begin
    if tg_op = 'DELETE' or new.status is distinct from 'active' then
        delete from eventlog.log_access a
         where a.aggregate_id = coalesce(new.project_id, old.project_id)
           and a.actor = coalesce(new.user_id, old.user_id);
        return null;
    end if;
    may_write := coalesce((new.permissions ->> 'canEdit')::boolean and new.role <> 'viewer', false)
        or coalesce((new.permissions ->> 'canExport')::boolean, false);
    insert into eventlog.log_access as a (aggregate_id, actor, can_read, can_write)
    values (new.project_id, new.user_id, true, may_write)
    on conflict (aggregate_id, actor) do update set can_read = true, can_write = may_write;
    return null;
end $$;
create trigger collaborator_log_access after insert or update or delete on project_collaborators
    for each row execute function access.follow_collaborator();

-- Whoever may see a row of projects sees what hangs on it.
alter table templates enable row level security;
alter table projects enable row level security;
alter table project_collaborators enable row level security;
alter table timeline_elements enable row level security;
alter table team_access enable row level security;

create policy templates_by_visibility_select on templates for select to multicanvas_app
    using ((visibility = 'public' and is_active)
        or created_by = (select access.current_actor())
        or team_id = any (array(select unnest(access.my_teams()))));

create policy users_own_projects_select on projects for select to multicanvas_app
    using (owner_id = (select access.current_actor()));
create policy users_own_projects_insert on projects for insert to multicanvas_app
    with check (owner_id = (select access.current_actor()));
create policy users_own_projects_update on projects for update to multicanvas_app
    using (owner_id = (select access.current_actor()))
    with check (owner_id = (select access.current_actor()));
create policy users_own_projects_delete on projects for delete to multicanvas_app
    using (owner_id = (select access.current_actor()));

create policy team_project_access_select on projects for select to multicanvas_app
    using (team_id = any (array(select unnest(access.my_teams()))));
create policy team_project_access_update on projects for update to multicanvas_app
    using (team_id = any (array(select unnest(access.my_teams()))))
    with check (team_id = any (array(select unnest(access.my_teams()))));

create policy collaborator_project_access_select on projects for select to multicanvas_app
    using (id = any (array(select unnest(access.my_collaborations('read')))));
create policy collaborator_project_access_update on projects for update to multicanvas_app
    using (id = any (array(select unnest(access.my_collaborations('edit')))))
    with check (id = any (array(select unnest(access.my_collaborations('edit')))));

create policy project_collaborators_select on project_collaborators for select to multicanvas_app
    using (user_id = (select access.current_actor())
        or exists (select from projects p where p.id = project_id));

create policy timeline_elements_select on timeline_elements for select to multicanvas_app
    using (exists (select from projects p where p.id = project_id));
create policy timeline_elements_insert on timeline_elements for insert to multicanvas_app
    with check (exists (select from projects p where p.id = project_id and (
        p.owner_id = (select access.current_actor())
        or p.id = any (array(select unnest(access.my_collaborations('edit'))))
        or p.team_id = any (array(select unnest(access.my_teams()))))));
create policy timeline_elements_update on timeline_elements for update to multicanvas_app
    using (exists (select from projects p where p.id = project_id and (
        p.owner_id = (select access.current_actor())
        or p.id = any (array(select unnest(access.my_collaborations('edit'))))
        or p.team_id = any (array(select unnest(access.my_teams()))))))
    with check (exists (select from projects p where p.id = project_id));
create policy timeline_elements_delete on timeline_elements for delete to multicanvas_app
    using (exists (select from projects p where p.id = project_id and (
        p.owner_id = (select access.current_actor())
        or p.id = any (array(select unnest(access.my_collaborations('edit'))))
        or p.team_id = any (array(select unnest(access.my_teams()))))));

create policy own_teams_select on team_access for select to multicanvas_app
    using (user_id = (select access.current_actor()));

do $$
declare
    name text;
begin
    foreach name in array array['templates', 'projects', 'project_collaborators',
                                'timeline_elements', 'team_access'] loop
        execute format('create policy worker_all on %I to multicanvas_worker '
                       'using (true) with check (true)', name);
    end loop;
end $$;

-- An editor must not become the owner: ids and owner are never updated by requests.
grant select on social_formats, template_categories, templates, project_collaborators, team_access
    to multicanvas_app;
grant select, insert, delete on projects, timeline_elements to multicanvas_app;
grant update (name, description, template_id, canvases, active_canvas_id, project_data, team_id,
              last_edited_by, last_edited_at, ai_generations_used, updated_at, version,
              command_number)
    on projects to multicanvas_app;
grant update (name, track_index, start_time, duration, x, y, width, height, rotation, opacity,
              properties, ai_generated, ai_generation_id, ai_provider, z_index, is_locked,
              is_hidden, last_edited_by, last_edited_at, updated_at, overrides)
    on timeline_elements to multicanvas_app;
grant select, insert, update, delete on social_formats, template_categories, templates, projects,
    project_collaborators, timeline_elements, team_access to multicanvas_worker;
