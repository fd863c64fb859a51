"""Who may do what in which table of every service, from the catalogue and by trying."""

import importlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from runtime.context import acting
from runtime.database import Connection, connected
from tests.support.access_matrix import holes
from tests.support.parts import Database, DatabaseFactory

SERVICES = ("ai", "analytics", "gateway", "identity", "media", "projects", "render")
OPEN = frozenset({"social_formats", "template_categories", "projection_freshness"})
"""Catalogues and figures of the whole house: everyone may read them."""

OWNERS = ("user_id", "owner_id", "created_by", "project_id")
ANA, EVE = "ana", "eve"
PROJECT = UUID("00000000-0000-7000-8000-000000000001")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stores(database: DatabaseFactory) -> dict[str, Database]:
    return {
        name: await database(name, importlib.import_module(f"{name}.app").MIGRATIONS)
        for name in SERVICES
    }


@pytest.mark.parametrize("service", SERVICES)
async def test_the_catalogue_shows_no_hole(stores: dict[str, Database], service: str) -> None:
    async with stores[service].pools.worker.acquire() as connection:
        assert await holes(connection, stores[service].name, OPEN) == []


SABOTAGE = {
    "DROP POLICY users_own_media_select ON user_media": "grants SELECT without a policy",
    "DROP POLICY worker_media ON user_media": "no explicit policy of the worker",
    "ALTER TABLE user_media DISABLE ROW LEVEL SECURITY": "has no row level security",
    "GRANT TRUNCATE ON user_media TO multicanvas_app": "grants TRUNCATE without a policy",
    "GRANT SELECT ON eventlog.events TO multicanvas_app": "eventlog.events grants",
    "CREATE POLICY all_in_one ON user_media TO multicanvas_app USING (true)": "one policy for all",
    "CREATE POLICY everyone ON user_media FOR SELECT USING (true)": "a policy for everyone",
    "CREATE TABLE notes (user_id text)": "notes has no row level security",
    "ALTER FUNCTION eventlog.append_events RESET search_path": "an open search_path",
    "GRANT EXECUTE ON FUNCTION eventlog.append_events TO PUBLIC": "may be called by everyone",
    "ALTER TABLE user_media OWNER TO {app}": "is owned by the application role",
    "ALTER ROLE {app} BYPASSRLS": "rolbypassrls",
}


@asynccontextmanager
async def superuser(postgres: str, store: Database) -> AsyncGenerator[Connection]:
    server = urlsplit(postgres)
    async with connected(server._replace(path=f"/{store.name}").geturl()) as connection:
        yield connection


@pytest.mark.parametrize("statement", SABOTAGE)
async def test_a_hole_is_found(stores: dict[str, Database], postgres: str, statement: str) -> None:
    store = stores["media"]
    async with superuser(postgres, store) as connection:
        undone = connection.transaction()
        await undone.start()
        try:
            await connection.execute(statement.format(app=f"{store.name}_app"))
            found = await holes(connection, store.name, OPEN)
        finally:
            await undone.rollback()
    assert any(SABOTAGE[statement] in one for one in found), found


async def test_a_partition_that_is_readable_by_itself_is_found(
    stores: dict[str, Database], postgres: str
) -> None:
    store = stores["analytics"]
    async with superuser(postgres, store) as connection:
        part = await connection.fetchval(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'project_analytics'::regclass LIMIT 1"
        )
        undone = connection.transaction()
        await undone.start()
        await connection.execute(f"GRANT SELECT ON {part} TO multicanvas_app")
        found = await holes(connection, store.name, OPEN)
        await undone.rollback()
    assert found == [f"partition public.{part} grants ['SELECT']"]


@dataclass(frozen=True)
class Table:
    """A table with a column that says whose a row is."""

    name: str
    owner_column: str
    values: dict[str, Any]


_COLUMNS = """
SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, NULL) AS type,
    a.attnotnull AND a.attidentity = '' AND a.attgenerated = '' AS required, a.atthasdef AS filled
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY c.relname, a.attnum
"""
_DROP_CHECKS = """
DO $$ DECLARE one record; BEGIN
    FOR one IN SELECT conrelid::regclass AS name, conname FROM pg_constraint
        WHERE contype = 'c' AND conislocal AND coninhcount = 0
            AND connamespace = 'public'::regnamespace
    LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.name, one.conname); END LOOP;
END $$
"""
_SAMPLES = {
    "uuid": "gen_random_uuid()",
    "jsonb": "'{}'",
    "boolean": "true",
    "bytea": r"'\x00'",
    "timestamp with time zone": "now()",
    "date": "now()",
    "text": "'x'",
    "character varying": "'x'",
    "text[]": "'{}'",
    "uuid[]": "'{}'",
    "tsvector": "''",
}


def sample(column: Any) -> str:
    """SQL for a value that this column takes."""
    if column["name"] in ("user_id", "owner_id", "created_by") and column["type"] == "text":
        return f"'{ANA}'"
    if column["name"] == "visibility":
        return "'private'"
    if column["name"] == "project_id":
        return f"'{PROJECT}'"
    return _SAMPLES.get(column["type"], "1")


async def tables_of(connection: Connection) -> list[Table]:
    columns: dict[str, list[Any]] = {}
    for row in await connection.fetch(_COLUMNS):
        columns.setdefault(row["table"], []).append(row)
    found: list[Table] = []
    for name, all_columns in columns.items():
        names = [column["name"] for column in all_columns]
        owner = next((column for column in OWNERS if column in names), None)
        if owner is not None:
            values = {
                column["name"]: sample(column)
                for column in all_columns
                if column["name"] in (*OWNERS, "visibility")
                or (column["required"] and not column["filled"])
            }
            found.append(Table(name, owner, values))
    return found


async def rows_touched(store: Database, actor: str, statement: str) -> int:
    """Rows that the application role sees or changes as this person; 0 when it is refused."""
    try:
        async with acting(store.pools.app, store.signer, actor) as connection:
            status = await connection.execute(statement)
    except (asyncpg.InsufficientPrivilegeError, asyncpg.NotNullViolationError):
        return 0
    return int(status.split()[-1])


@pytest.mark.parametrize("service", SERVICES)
async def test_nobody_reads_or_changes_anothers_rows(
    stores: dict[str, Database], postgres: str, service: str
) -> None:
    store = stores[service]
    async with superuser(postgres, store) as connection:
        tables = await tables_of(connection)
        # Rows are needed here, whatever is in them: no neighbours, no triggers, no checks.
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(_DROP_CHECKS)
        for table in tables:
            await connection.execute(insert(table))
    assert tables
    seen_by_ana: list[str] = []
    for table in tables:
        select = f"SELECT 1 FROM {table.name}"
        change = f"UPDATE {table.name} SET {table.owner_column} = {table.owner_column}"
        for statement in (select, change, f"DELETE FROM {table.name}", insert(table)):
            assert await rows_touched(store, EVE, statement) == 0, f"eve: {statement}"
        if await rows_touched(store, ANA, select):
            seen_by_ana.append(table.name)
    assert seen_by_ana, "then nothing was proved"


def insert(table: Table) -> str:
    names, values = ", ".join(table.values), ", ".join(table.values.values())
    return f"INSERT INTO {table.name} ({names}) VALUES ({values})"
