"""A request works through PgBouncer in transaction mode, and nothing is carried over."""

import asyncio
import os
import secrets
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from subprocess import DEVNULL
from tempfile import mkdtemp
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from runtime.context import acting
from runtime.database import Pool, open_pooled
from tests.support.parts import Database, DatabaseFactory

BINARY = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")

pytestmark = pytest.mark.skipif(BINARY is None, reason="PgBouncer is not installed here")

# Two server connections for many clients: whatever is left on one is met by another client.
CONFIGURATION = """
[databases]
{name} = host={host} port={port} dbname={name}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
auth_type = plain
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = 2
unix_socket_dir =
logfile = {folder}/log
pidfile = {folder}/pid
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def behind(database: DatabaseFactory) -> Database:
    return await database("pooler")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pool(behind: Database) -> AsyncIterator[Pool]:
    assert BINARY is not None
    login = urlsplit(behind.app_dsn)
    folder = Path(mkdtemp(prefix="multicanvas-pooler-"))
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        own_port = int(found.getsockname()[1])
    (folder / "users.txt").write_text(f'"{login.username}" "{login.password}"\n')
    (folder / "pgbouncer.ini").write_text(
        CONFIGURATION.format(
            name=behind.name,
            host=login.hostname,
            port=login.port,
            own_port=own_port,
            folder=folder,
        )
    )
    command = [BINARY, str(folder / "pgbouncer.ini")]
    if os.geteuid() == 0:
        # It refuses to run as root.
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, "nobody")
        command = [BINARY, "-u", "nobody", str(folder / "pgbouncer.ini")]
    process = await asyncio.create_subprocess_exec(*command, stdout=DEVNULL, stderr=DEVNULL)
    try:
        await answers(own_port)
        dsn = behind.app_dsn.replace(f":{login.port}/", f":{own_port}/")
        opened = await open_pooled(dsn, size=12)
        yield opened
        await opened.close()
    finally:
        process.terminate()
        await process.wait()
        shutil.rmtree(folder)


async def answers(port: int) -> None:
    for _ in range(100):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise AssertionError("PgBouncer did not start")


async def test_many_actors_on_two_connections_never_meet(behind: Database, pool: Pool) -> None:
    async def one(number: int) -> bool:
        actor = f"u{number % 40}"
        async with acting(pool, behind.signer, actor) as connection:
            first = await connection.fetchval("select access.current_actor()")
            await asyncio.sleep(secrets.randbelow(3) / 1000)
            again = await connection.fetchval(
                "select access.current_actor() || $1::text", str(number)
            )
        return first == actor and again == f"{actor}{number}"

    assert all(await asyncio.gather(*(one(number) for number in range(400))))


async def test_no_actor_is_left_on_a_connection(behind: Database, pool: Pool) -> None:
    for number in range(20):
        async with acting(pool, behind.signer, f"u{number}"):
            pass
        async with pool.acquire() as connection, connection.transaction():
            assert await connection.fetchval("select access.current_actor()") is None


async def test_codecs_work_on_whatever_connection_comes(behind: Database, pool: Pool) -> None:
    async def one() -> None:
        known = uuid4()
        async with acting(pool, behind.signer, "u1") as connection:
            row = await connection.fetchrow(
                "select $1::jsonb as told, $2::uuid as one, $3::uuid[] as many",
                {"id": str(known)},
                known,
                [known],
            )
        assert row is not None
        assert (row["told"], row["one"], row["many"]) == ({"id": str(known)}, known, [known])
        assert type(row["one"]) is UUID

    await asyncio.gather(*(one() for _ in range(100)))


async def test_a_cancelled_request_leaves_the_pool_usable(behind: Database, pool: Pool) -> None:
    async def slow() -> None:
        async with acting(pool, behind.signer, "u42") as connection:
            await connection.execute("select pg_sleep(5)")

    tasks = [asyncio.create_task(slow()) for _ in range(6)]
    await asyncio.sleep(0.1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with pool.acquire() as connection, connection.transaction():
        assert await connection.fetchval("select access.current_actor()") is None
