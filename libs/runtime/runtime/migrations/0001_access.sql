-- Who acts: the application signs "actor|expiry" per transaction (set_config('app.actor', …, true)),
-- and policies ask access.current_actor(). HMAC-SHA-256 is built from the server's own sha256, with
-- the key's inner and outer block, because pgcrypto is not everywhere.
-- Roles: libs/runtime's provisioning made multicanvas_app and multicanvas_worker.

revoke create on schema public from public;
grant usage on schema public to multicanvas_app, multicanvas_worker;

create schema access;
grant usage on schema access to multicanvas_app, multicanvas_worker;

create table access.signing_key (
    only_row boolean primary key default true check (only_row),
    inner_block bytea not null check (octet_length(inner_block) = 64),
    outer_block bytea not null check (octet_length(outer_block) = 64)
);
revoke all on access.signing_key from public;

-- The signed actor of this transaction, or null: unsigned, forged, expired or absent.
-- "is distinct from", because "<>" with a null on one side lets an unsigned context through.
create function access.current_actor() returns text
language plpgsql stable parallel safe security definer
set search_path = access, pg_catalog, pg_temp
as $$
declare
    context text := current_setting('app.actor', true);
    part text[];
    key access.signing_key;
begin
    if context is null or context = '' then
        return null;
    end if;
    part := string_to_array(context, '|');
    if cardinality(part) is distinct from 3 or part[1] = '' or part[2] !~ '^[0-9]{1,12}$' then
        return null;
    end if;
    select * into key from access.signing_key;
    if encode(sha256(key.outer_block || sha256(
            key.inner_block || convert_to(part[1] || '|' || part[2], 'UTF8'))), 'hex')
        is distinct from part[3] then
        return null;
    end if;
    if to_timestamp(part[2]::bigint) < clock_timestamp() then
        return null;
    end if;
    return part[1];
end
$$;

-- Whether a service acts on its own account, not for a person.
create function access.is_service() returns boolean
language sql stable parallel safe
set search_path = access, pg_catalog, pg_temp
as $$ select coalesce(starts_with(access.current_actor(), 'service:'), false) $$;

revoke all on function access.current_actor(), access.is_service() from public;
grant execute on function access.current_actor(), access.is_service()
    to multicanvas_app, multicanvas_worker;
