-- Phase 3: what this service has to know of media files, copied from media's events.

create table media_assets (
    media_id uuid primary key,
    user_id text not null,
    team_id uuid,
    media_type text not null,
    mime_type text not null,
    file_size bigint not null,
    provider text not null,
    bucket text not null,
    object_key text,
    sha256 text,
    width integer,
    height integer,
    duration numeric(10, 3),
    has_audio boolean not null default false
);
create index media_assets_user on media_assets (user_id);

-- Files that a project may show: those of its people and its team. A reference to anybody else's
-- file is like one to a file that does not exist.
create function access.project_media(_project uuid, _media uuid[]) returns setof media_assets
language sql stable security definer set search_path = public, access, pg_catalog, pg_temp
as $$
    select m.* from media_assets m join projects p on p.id = _project
     where m.media_id = any (_media)
       and (access.is_service() or exists (select from access.project_standing(_project)))
       and (m.user_id = p.owner_id or m.team_id = p.team_id
            or m.user_id in (select c.user_id from project_collaborators c
                              where c.project_id = p.id and c.status = 'active'))
$$;
revoke all on function access.project_media(uuid, uuid[]) from public;
grant execute on function access.project_media(uuid, uuid[]) to multicanvas_app, multicanvas_worker;

alter table media_assets enable row level security;
create policy own_media_select on media_assets for select to multicanvas_app
    using (user_id = (select access.current_actor())
        or team_id = any (array(select unnest(access.my_teams()))));
create policy worker_all on media_assets to multicanvas_worker using (true) with check (true);
grant select on media_assets to multicanvas_app;
grant select, insert, update, delete on media_assets to multicanvas_worker;
