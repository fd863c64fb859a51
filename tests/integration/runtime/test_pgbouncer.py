"""Through PgBouncer in transaction mode clients share server connections, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
import pytest_asyncio

from runtime.context import acting
from runtime.database import Pool, open_pooled
from tests.support.parts import Database, DatabaseFactory
from tests.support.pgbouncer import pgbouncer_binary, pooler_before

pytestmark = pytest.mark.skipif(
    pgbouncer_binary() is None, reason="no pgbouncer (Debian: apt-get install pgbouncer)"
)

SERVER_CONNECTIONS = 2


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def behind(database: DatabaseFactory) -> Database:
    return await database("pooled")


@pytest.fixture(scope="module")
def pooled_dsn(behind: Database) -> Iterator[str]:
    with pooler_before(behind.app_dsn, server_connections=SERVER_CONNECTIONS) as dsn:
        yield dsn


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pools(pooled_dsn: str) -> AsyncIterator[list[Pool]]:
    """Several clients, each with a pool of its own, as several services' processes would be."""
    opened = [await open_pooled(pooled_dsn, size=4) for _ in range(4)]
    yield opened
    for pool in opened:
        await pool.close()


async def test_every_transaction_sees_its_own_actor_and_no_other(
    behind: Database, pools: list[Pool]
) -> None:
    async def one_command(number: int) -> tuple[int, str]:
        actor = f"user-{number}"
        pool = pools[number % len(pools)]
        async with acting(pool, behind.signer, actor) as connection:
            first = await connection.fetchval("select access.current_actor()")
            await asyncio.sleep(0.002)
            second = await connection.fetchval("select access.current_actor()")
            server = await connection.fetchval("select pg_backend_pid()")
        assert (first, second) == (actor, actor)
        return server, actor

    seen = await asyncio.gather(*(one_command(number) for number in range(120)))

    # They really shared: 120 transactions of four clients on two server connections.
    assert len({server for server, _ in seen}) <= SERVER_CONNECTIONS


async def test_nobody_is_acting_after_the_transaction(behind: Database, pools: list[Pool]) -> None:
    async with acting(pools[0], behind.signer, "alice") as connection:
        assert await connection.fetchval("select access.current_actor()") == "alice"

    actors = [await pool.fetchval("select access.current_actor()") for pool in pools for _ in "123"]

    assert set(actors) == {None}


async def test_nobody_is_acting_after_a_transaction_that_failed(
    behind: Database, pools: list[Pool]
) -> None:
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with acting(pools[0], behind.signer, "alice") as connection:
            await connection.execute("select 1 / 0")

    actors = [await pool.fetchval("select access.current_actor()") for pool in pools for _ in "123"]

    assert set(actors) == {None}


async def test_a_setting_of_the_session_would_leak(pools: list[Pool]) -> None:
    """The control: with a context of the session instead of the transaction the tests above would
    be red, because the pooler does hand the connection on as it is."""
    await pools[0].execute("select set_config('app.leak', 'left behind', false)")
    try:
        seen = {
            await pool.fetchval("select current_setting('app.leak', true)")
            for pool in pools[1:]
            for _ in range(4)
        }
        assert "left behind" in seen
    finally:
        for _ in range(2 * SERVER_CONNECTIONS):
            await pools[0].execute("select set_config('app.leak', '', false)")


async def test_parameters_codecs_and_repeated_statements_work_without_a_statement_cache(
    pools: list[Pool],
) -> None:
    async def ask(number: int) -> None:
        pool = pools[number % len(pools)]
        said = await pool.fetchval("select $1::jsonb || $2::jsonb", {"a": number}, {"b": [number]})
        assert said == {"a": number, "b": [number]}

    await asyncio.gather(*(ask(number) for number in range(80)))
