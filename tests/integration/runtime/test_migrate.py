"""Migrations on a real PostgreSQL: once each, by any number of starters, never rewritten."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from runtime.database import connected
from runtime.migrate import MigrationEdited, MigrationsBusy, migrate
from tests.support.parts import DatabaseFactory

CAKES = """
create table cakes (id integer primary key, name text not null);
insert into cakes select number, 'cake ' || number from generate_series(1, 20000) number;
"""
CONCURRENTLY = """-- migrate:up transaction:false
-- An index on a table that is in use.
create index concurrently if not exists cakes_name
    on cakes (name);
create index concurrently if not exists cakes_name_lower on cakes (lower(name));
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_cakes.sql").write_text(CAKES)
    return tmp_path


async def ask(dsn: str, query: str) -> Any:
    async with connected(dsn) as connection:
        return await connection.fetchval(query)


async def test_each_file_is_applied_once_and_in_order(
    database: DatabaseFactory, folder: Path
) -> None:
    dsn = (await database("order")).owner_dsn
    (folder / "0002_more.sql").write_text("alter table cakes add column price numeric;")
    first = await migrate(dsn, [("bakery", folder)], context_key=None)
    second = await migrate(dsn, [("bakery", folder)], context_key=None)
    assert first == ["bakery/0001_cakes.sql", "bakery/0002_more.sql"]
    assert second == []


async def test_eight_starters_at_once_apply_everything_once(
    database: DatabaseFactory, folder: Path
) -> None:
    dsn = (await database("race")).owner_dsn
    (folder / "0002_index.sql").write_text(CONCURRENTLY)
    (folder / "0003_count.sql").write_text("create table runs as select 1 as run;")
    done = await asyncio.gather(
        *(migrate(dsn, [("bakery", folder)], context_key=None) for _ in range(8))
    )
    assert sorted(name for names in done for name in names) == [
        "bakery/0001_cakes.sql",
        "bakery/0002_index.sql",
        "bakery/0003_count.sql",
    ]
    assert await ask(dsn, "select count(*) from cakes") == 20_000
    assert await ask(
        dsn,
        """select bool_and(indisvalid) and count(*) = 3
           from pg_index where indrelid = 'cakes'::regclass""",
    )


async def test_an_edited_file_is_refused_and_nothing_after_it_runs(
    database: DatabaseFactory, folder: Path
) -> None:
    dsn = (await database("edited")).owner_dsn
    await migrate(dsn, [("bakery", folder)], context_key=None)
    (folder / "0001_cakes.sql").write_text(CAKES + "-- harmless?")
    (folder / "0002_next.sql").write_text("create table next (id integer);")
    with pytest.raises(MigrationEdited, match="bakery/0001_cakes"):
        await migrate(dsn, [("bakery", folder)], context_key=None)
    assert await ask(dsn, "select to_regclass('next')") is None


async def test_a_filled_database_is_upgraded_with_its_rows(
    database: DatabaseFactory, folder: Path
) -> None:
    dsn = (await database("upgrade")).owner_dsn
    await migrate(dsn, [("bakery", folder)], context_key=None)
    (folder / "0002_price.sql").write_text(
        "alter table cakes add column price numeric not null default 3;"
        "update cakes set price = 4 where id > 19999;"
    )
    (folder / "0003_index.sql").write_text(CONCURRENTLY)
    await migrate(dsn, [("bakery", folder)], context_key=None)
    assert await ask(dsn, "select sum(price) from cakes") == 60_001
    assert await ask(dsn, "select to_regclass('cakes_name_lower')") is not None


async def test_a_file_that_fails_leaves_nothing_behind_and_may_be_mended(
    database: DatabaseFactory, folder: Path
) -> None:
    dsn = (await database("failing")).owner_dsn
    (folder / "0002_bad.sql").write_text("create table half (id integer); select 1 / 0;")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(dsn, [("bakery", folder)], context_key=None)
    assert await ask(dsn, "select to_regclass('half')") is None
    (folder / "0002_bad.sql").write_text("create table half (id integer);")
    assert await migrate(dsn, [("bakery", folder)], context_key=None) == ["bakery/0002_bad.sql"]


async def test_a_migration_gives_way_to_traffic_and_tries_again(
    database: DatabaseFactory, folder: Path
) -> None:
    dsn = (await database("traffic")).owner_dsn
    await migrate(dsn, [("bakery", folder)], context_key=None)
    (folder / "0002_column.sql").write_text("alter table cakes add column note text;")
    async with connected(dsn) as reader:
        transaction = reader.transaction()
        await transaction.start()
        await reader.execute("select count(*) from cakes")
        upgrade = asyncio.create_task(migrate(dsn, [("bakery", folder)], context_key=None))
        # Longer than the lock timeout: the first try has to give up by then.
        await asyncio.sleep(4.3)
        await transaction.commit()
        assert await upgrade == ["bakery/0002_column.sql"]


async def test_a_starter_does_not_wait_for_ever(database: DatabaseFactory, folder: Path) -> None:
    dsn = (await database("busy")).owner_dsn
    async with connected(dsn) as other:
        await other.execute("select pg_advisory_lock($1)", 0x6D63_6D69_6772_6174)
        with pytest.raises(MigrationsBusy):
            await migrate(dsn, [("bakery", folder)], context_key=None, patience_seconds=0.3)


async def test_numbers_are_unique_and_folders_not_empty(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await migrate("postgresql://nobody@127.0.0.1:1/x", [("a", tmp_path)], context_key=None)
    for name in ("0001_a.sql", "0001_b.sql"):
        (tmp_path / name).write_text("select 1;")
    with pytest.raises(ValueError, match="same number"):
        await migrate("postgresql://nobody@127.0.0.1:1/x", [("a", tmp_path)], context_key=None)
