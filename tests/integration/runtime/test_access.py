"""Who acts is signed; what is not signed sees nothing, and no login reaches what is not its own."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from runtime.context import ContextSigner, acting
from runtime.database import Connection, DirectConnection, connected
from runtime.provision import RolePasswords, provision
from tests.support.parts import Database, DatabaseFactory, with_login

NOTES = """
create table notes (id integer primary key, owner_id text not null, body text not null);
alter table notes enable row level security;
alter table notes force row level security;
create policy notes_select on notes for select to multicanvas_app
    using (owner_id = (select access.current_actor()));
create policy notes_worker on notes to multicanvas_worker using (true) with check (true);
grant select on notes to multicanvas_app;
grant select, insert on notes to multicanvas_worker;
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def notes(database: DatabaseFactory) -> Database:
    made = await database("notes")
    async with connected(made.owner_dsn) as owner:
        await owner.execute(NOTES)
    await made.pools.worker.executemany(
        "insert into notes values ($1, $2, 'body')", [(1, "u42"), (2, "u42"), (3, "u43")]
    )
    return made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def app(notes: Database) -> AsyncIterator[DirectConnection]:
    async with connected(notes.app_dsn) as connection:
        yield connection


async def rows_as(connection: Connection, context: str | None) -> int:
    async with connection.transaction():
        if context is not None:
            await connection.execute("select set_config('app.actor', $1, true)", context)
        return int(await connection.fetchval("select count(*) from notes"))


async def test_a_signed_actor_sees_their_own_rows_and_no_others(notes: Database) -> None:
    for actor, expected in (("u42", [1, 2]), ("u43", [3]), ("u44", []), ("anonymous", [])):
        async with acting(notes.pools.app, notes.signer, actor) as connection:
            found = await connection.fetch("select id from notes order by id")
            assert [row["id"] for row in found] == expected
            assert await connection.fetchval("select access.current_actor()") == actor


def forgeries(key: bytes) -> dict[str, str]:
    """Contexts that were not made by the signer for u42, now."""
    now = int(time.time())
    good = ContextSigner(key).sign("u42")
    actor, expiry, mac = good.split("|")

    def signed(message: str) -> str:
        return f"{message}|{hmac.new(key, message.encode(), hashlib.sha256).hexdigest()}"

    other = hmac.new(b"x" * 32, f"u42|{expiry}".encode(), hashlib.sha256).hexdigest()
    return {
        "unsigned": "u42",
        "empty": "",
        "empty fields": "u42||",
        "no mac": f"u42|{expiry}|",
        "another user": f"u43|{expiry}|{mac}",
        "empty user": f"|{expiry}|{mac}",
        "signed empty user": signed(f"|{expiry}"),
        "extra field": f"{good}|",
        "extra field in front": f"u42|{good}",
        "later": f"{actor}|{now + 99_999}|{mac}",
        "expired": ContextSigner(key, ttl_seconds=-1).sign("u42"),
        "not a number": signed("u42|NaN"),
        "infinite": signed("u42|infinity"),
        "negative": signed("u42|-1"),
        "huge": signed("u42|99999999999999999999"),
        "upper case mac": f"u42|{expiry}|{mac.upper()}",
        "another key": f"u42|{expiry}|{other}",
        "a service": "service:projects",
        "a service with another's mac": f"service:projects|{expiry}|{mac}",
        "null": "\\N",
    }


@pytest.mark.parametrize("kind", list(forgeries(b"k" * 32)))
async def test_a_forged_context_sees_nothing(
    kind: str, notes: Database, app: DirectConnection
) -> None:
    assert await rows_as(app, forgeries(notes.context_key)[kind]) == 0


async def test_the_test_has_teeth(notes: Database, app: DirectConnection) -> None:
    assert await rows_as(app, notes.signer.sign("u42")) == 2
    assert await rows_as(app, None) == 0


@settings(max_examples=150, deadline=None)
@given(context=st.text(alphabet=st.characters(exclude_characters="\0", codec="utf-8"), max_size=90))
async def test_no_made_up_context_sees_anything(context: str, app: DirectConnection) -> None:
    assert await rows_as(app, context) == 0
    assert await rows_as(app, f"u42|{context}") == 0


async def test_a_forged_service_is_no_service(notes: Database, app: DirectConnection) -> None:
    mac = notes.signer.sign("u42").split("|")[2]
    for context in ("service:x", f"service:x|{int(time.time()) + 50}|{mac}"):
        async with app.transaction():
            await app.execute("select set_config('app.actor', $1, true)", context)
            assert await app.fetchval("select access.is_service()") is False
    async with acting(notes.pools.app, notes.signer, "service:projects") as connection:
        assert await connection.fetchval("select access.is_service()") is True


async def test_the_context_ends_with_its_transaction(notes: Database) -> None:
    async with notes.pools.app.acquire() as connection:
        async with connection.transaction():
            await connection.execute(
                "select set_config('app.actor', $1, true)", notes.signer.sign("u42")
            )
        assert await connection.fetchval("select access.current_actor()") is None


async def test_a_cancelled_request_leaves_no_context_behind(notes: Database) -> None:
    async def slow() -> None:
        async with acting(notes.pools.app, notes.signer, "u42") as connection:
            await connection.execute("select pg_sleep(5)")

    for _ in range(10):
        task = asyncio.create_task(slow())
        await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    for _ in range(8):
        async with notes.pools.app.acquire() as connection:
            assert await connection.fetchval("select count(*) from notes") == 0


@pytest.mark.parametrize(
    "statement",
    [
        "select * from access.signing_key",
        "update access.signing_key set inner_block = outer_block",
        "insert into access.signing_key values (true, '', '')",
        "create table public.mine (id integer)",
        "create table access.mine (id integer)",
        "create function public.mine() returns int language sql as 'select 1'",
        "create temporary table mine (id integer)",
        "alter table notes disable row level security",
        "drop policy notes_select on notes",
        "select * from migrations.applied",
        "delete from notes",
        "create role mine",
        "set role postgres",
        "copy notes to program 'cat'",
        "create or replace function access.is_service() returns bool language sql as 'select true'",
    ],
)
async def test_the_application_role_may_not(statement: str, app: DirectConnection) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute(statement)


async def test_the_worker_cannot_read_the_signing_key_either(notes: Database) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await notes.pools.worker.fetch("select * from access.signing_key")


async def test_a_login_opens_only_its_own_database(
    notes: Database, database: DatabaseFactory, postgres: str
) -> None:
    other = await database("other")
    user = notes.app_dsn.split("//")[1].split(":")[0]
    password = notes.app_dsn.split("@")[0].rsplit(":", 1)[1]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(with_login(postgres, user, password, other.name))


async def test_no_login_is_more_than_a_login(notes: Database, postgres: str) -> None:
    async with connected(postgres) as superuser:
        roles = await superuser.fetch(
            """select rolname, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb
                      or rolreplication as too_much
               from pg_roles where rolname like $1""",
            f"{notes.name}%",
        )
    assert {row["rolname"].removeprefix(notes.name) for row in roles} == {
        "_owner",
        "_app",
        "_worker",
    }
    assert not any(row["too_much"] for row in roles)


async def test_provisioning_again_and_at_once_changes_nothing(postgres: str) -> None:
    name = f"t_again_{uuid4().hex[:8]}"
    secret = SecretStr("quo\"te'd; drop database postgres")
    passwords = RolePasswords(secret, secret, secret)
    try:
        await asyncio.gather(*(provision(postgres, {name: passwords}) for _ in range(4)))
        await provision(postgres, {name: passwords})
        async with connected(postgres) as superuser:
            owner = await superuser.fetchval(
                "select pg_get_userbyid(datdba) from pg_database where datname = $1", name
            )
        assert owner == f"{name}_owner"
    finally:
        async with connected(postgres) as superuser:
            await superuser.execute(f"drop database if exists {name}")
            for role in ("owner", "app", "worker"):
                await superuser.execute(f"drop role if exists {name}_{role}")


async def test_a_limit_on_idle_transactions_is_set_by_login(notes: Database) -> None:
    shown = await notes.pools.app.fetchval("show idle_in_transaction_session_timeout")
    assert shown == "15s"


async def test_values_come_back_as_plain_python(notes: Database) -> None:
    row = await notes.pools.app.fetchrow(
        "select $1::jsonb as told, $2::uuid as one, $3::uuid[] as many, null::uuid as none",
        {"a": [1, None, "ü"]},
        str(UUID(int=1)),
        [UUID(int=2)],
    )
    assert row is not None
    assert row["told"] == {"a": [1, None, "ü"]}
    assert type(row["one"]) is UUID
    assert row["many"] == [UUID(int=2)]
    assert row["none"] is None


async def test_asking_who_acts_costs_little(notes: Database) -> None:
    async with acting(notes.pools.worker, notes.signer, "u42") as connection:
        started = time.perf_counter()
        await connection.execute("select access.current_actor() from generate_series(1, 2000)")
        assert (time.perf_counter() - started) / 2000 < 100e-6
