"""A service in use moves to its next version: rows stay, locks are short, nothing is redone."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from media.app import MIGRATIONS
from runtime.database import connected
from runtime.migrate import MigrationEdited, migrate
from tests.support.access_matrix import holes
from tests.support.parts import Database, DatabaseFactory

ROWS = 20_000
FILL = """
INSERT INTO user_media (user_id, filename, original_name, mime_type, file_size, storage_provider,
    storage_key, public_url, media_type)
SELECT 'user-' || n % 50, 'f' || n, 'f' || n, 'image/png', n, 's3', 'k' || n, 'k' || n, 'image'
FROM generate_series(1, $1::integer) n
"""
CONTENT = """
SELECT count(*) AS rows, md5(string_agg(id::text || original_name || file_size, '' ORDER BY id))
    AS content FROM user_media
"""
NEXT = """
ALTER TABLE user_media ADD COLUMN alt_text text;
ALTER TABLE user_media ADD COLUMN is_pinned boolean NOT NULL DEFAULT false;
CREATE INDEX user_media_pinned ON user_media (user_id) WHERE is_pinned;
"""
Folders = list[tuple[str, Path]]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """Media's migrations in their order, its own in a copy that a test may add to."""
    own = tmp_path / "media"
    shutil.copytree(dict(MIGRATIONS)["media"], own)
    return [(name, own if name == "media" else path) for name, path in MIGRATIONS]


def first_only(folders: Folders, tmp_path: Path) -> Folders:
    """As the service was delivered first: one file of its own."""
    first = tmp_path / "first"
    first.mkdir()
    source = min(dict(folders)["media"].glob("*.sql"))
    shutil.copy(source, first)
    return [(name, first if name == "media" else path) for name, path in folders]


@asynccontextmanager
async def filled(database: DatabaseFactory, folders: Folders) -> AsyncGenerator[Database]:
    store = await database("upgrade", folders)
    async with connected(store.owner_dsn) as connection:
        await connection.execute(FILL, ROWS)
    yield store


async def content_of(store: Database) -> dict[str, Any]:
    async with connected(store.owner_dsn) as connection:
        row = await connection.fetchrow(CONTENT)
    assert row is not None
    return dict(row)


async def test_a_filled_database_moves_on_with_every_row(
    database: DatabaseFactory, folders: Folders, tmp_path: Path
) -> None:
    async with filled(database, first_only(folders, tmp_path)) as store:
        before = await content_of(store)
        assert before["rows"] == ROWS
        (dict(folders)["media"] / "0900_alt_text.sql").write_text(NEXT)
        done = await migrate(store.owner_dsn, folders, context_key=store.context_key)
        assert done[-1] == "media/0900_alt_text.sql"
        assert all(name.startswith("media/") for name in done)
        assert await content_of(store) == before
        assert await migrate(store.owner_dsn, folders, context_key=store.context_key) == []
        async with store.pools.worker.acquire() as connection:
            assert await holes(connection, store.name) == []


async def test_a_file_that_was_applied_and_reads_differently_now_is_refused(
    database: DatabaseFactory, folders: Folders
) -> None:
    async with filled(database, folders) as store:
        before = await content_of(store)
        first = min(dict(folders)["media"].glob("*.sql"))
        first.write_text(first.read_text() + "DROP TABLE user_media;")
        with pytest.raises(MigrationEdited, match=first.name):
            await migrate(store.owner_dsn, folders, context_key=store.context_key)
        assert await content_of(store) == before


async def test_a_migration_that_meets_a_long_reader_does_not_hold_up_the_service(
    database: DatabaseFactory, folders: Folders
) -> None:
    async with filled(database, folders) as store:
        (dict(folders)["media"] / "0900_alt_text.sql").write_text(NEXT)
        async with connected(store.owner_dsn) as reader:
            reading = reader.transaction()
            await reading.start()
            await reader.fetchval("SELECT count(*) FROM user_media")
            moving = asyncio.create_task(
                migrate(store.owner_dsn, folders, context_key=store.context_key)
            )
            await asyncio.sleep(1)
            async with store.pools.worker.acquire() as connection:
                waits = await longest_wait(connection)
            await reading.rollback()
        assert "media/0900_alt_text.sql" in await moving
    assert waits < 4.5, "whoever comes after it waits no longer than its lock_timeout"


async def longest_wait(connection: Any) -> float:
    """Seconds that a plain statement of the service takes while the migration wants its lock."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    await connection.execute("UPDATE user_media SET usage_count = 1 WHERE user_id = 'user-1'")
    return loop.time() - started


async def test_a_file_that_fails_leaves_nothing_of_itself(
    database: DatabaseFactory, folders: Folders
) -> None:
    async with filled(database, folders) as store:
        broken = dict(folders)["media"] / "0900_broken.sql"
        broken.write_text("ALTER TABLE user_media ADD COLUMN half text; SELECT 1 / 0;")
        with pytest.raises(asyncpg.DivisionByZeroError):
            await migrate(store.owner_dsn, folders, context_key=store.context_key)
        async with connected(store.owner_dsn) as connection:
            columns = await connection.fetchval(
                "SELECT count(*) FROM pg_attribute WHERE attrelid = 'user_media'::regclass"
                " AND attname = 'half'"
            )
        assert columns == 0
