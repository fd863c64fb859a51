-- Keys that seal content, each wrapped by a versioned master key that is not in this database.
-- Erasing a project or a person deletes the rows that name it; "forgotten" keeps their ids, so that
-- no key of that id is ever made again and a restored backup can be cleaned before it serves.

create table keys (
    key_id uuid primary key,
    project_id uuid,
    user_id text,
    wrapped bytea not null,
    master_version integer not null,
    created_at timestamptz not null default clock_timestamp()
);
create index keys_project on keys (project_id) where project_id is not null;
create index keys_user on keys (user_id) where user_id is not null;
create index keys_master_version on keys (master_version);

create table forgotten (
    key_id uuid primary key,
    at timestamptz not null default clock_timestamp()
);

-- Who was erased, so that a key asked for afterwards (a generation of an erased project, say) is
-- refused as well, although its own id was never known.
create table erased (
    kind text not null check (kind in ('project', 'user')),
    id text not null,
    at timestamptz not null default clock_timestamp(),
    primary key (kind, id)
);

-- Stores a key unless another starter was faster, and returns what is stored; no row: erased.
-- The advisory lock keeps a creation from slipping past an erasure that is running.
create function create_key(
    p_key_id uuid, p_project_id uuid, p_user_id text, p_wrapped bytea, p_master_version integer
) returns table (wrapped bytea, master_version integer)
language plpgsql security definer set search_path = public, pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock_shared(7023450816);
    if exists (select from forgotten f where f.key_id = p_key_id)
        or exists (select from erased e
                   where (e.kind = 'project' and e.id = p_project_id::text)
                      or (e.kind = 'user' and e.id = p_user_id)) then
        return;
    end if;
    insert into keys (key_id, project_id, user_id, wrapped, master_version)
    values (p_key_id, p_project_id, p_user_id, p_wrapped, p_master_version)
    on conflict (key_id) do nothing;
    return query select k.wrapped, k.master_version from keys k where k.key_id = p_key_id;
end
$$;

create function forget_keys(p_project_id uuid, p_user_id text) returns integer
language plpgsql security definer set search_path = public, pg_catalog, pg_temp
as $$
declare
    gone integer;
begin
    perform pg_advisory_xact_lock(7023450816);
    insert into erased (kind, id)
    select kind, id from (values ('project', p_project_id::text), ('user', p_user_id)) v (kind, id)
    where id is not null
    on conflict do nothing;
    with removed as (
        delete from keys where project_id = p_project_id or user_id = p_user_id returning key_id
    ), kept as (
        insert into forgotten (key_id) select key_id from removed on conflict do nothing
    )
    select count(*) into gone from removed;
    return gone;
end
$$;

revoke all on function create_key(uuid, uuid, text, bytea, integer), forget_keys(uuid, text)
    from public;
grant execute on function create_key(uuid, uuid, text, bytea, integer), forget_keys(uuid, text)
    to multicanvas_app, multicanvas_worker;
grant usage on schema public to multicanvas_app, multicanvas_worker;
grant select on keys to multicanvas_app, multicanvas_worker;
grant select on forgotten to multicanvas_worker;
grant update (wrapped, master_version) on keys to multicanvas_app, multicanvas_worker;
