-- Who may see which project: this service's own copy, built from the projects service's events.
-- The application role cannot read the table; it asks functions, which answer for the signed actor.

create table project_access (
    project_id uuid not null,
    user_id text not null,
    role text not null check (role in ('owner', 'admin', 'editor', 'viewer')),
    owner boolean not null default false,
    primary key (user_id, project_id)
);
create index project_access_project on project_access (project_id);

alter table project_access enable row level security;
create policy project_access_worker on project_access to multicanvas_worker
    using (true) with check (true);
grant select, insert, update, delete on project_access to multicanvas_worker;

-- For policies: project_id = any(array(select unnest(access.my_projects()))), so that it runs once
-- per statement and the index on project_id is used.
create function access.my_projects() returns uuid[]
language sql stable parallel safe security definer
set search_path = public, access, pg_catalog, pg_temp
as $$
    select coalesce(array_agg(project_id), '{}')
    from project_access where user_id = (select access.current_actor())
$$;

-- The same, without the projects that the actor may only look at.
create function access.my_editable_projects() returns uuid[]
language sql stable parallel safe security definer
set search_path = public, access, pg_catalog, pg_temp
as $$
    select coalesce(array_agg(project_id), '{}')
    from project_access
    where user_id = (select access.current_actor()) and role <> 'viewer'
$$;

-- The actor's role in one project; null: none, or no such project.
create function access.my_role(p_project_id uuid) returns text
language sql stable parallel safe security definer
set search_path = public, access, pg_catalog, pg_temp
as $$
    select role from project_access
    where project_id = p_project_id and user_id = (select access.current_actor())
$$;

revoke all on function
    access.my_projects(), access.my_editable_projects(), access.my_role(uuid) from public;
grant execute on function
    access.my_projects(), access.my_editable_projects(), access.my_role(uuid)
    to multicanvas_app, multicanvas_worker;
