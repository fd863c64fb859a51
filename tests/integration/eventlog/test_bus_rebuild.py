"""A projection is filled again from the log while messages keep coming."""

import asyncio
from uuid import UUID, uuid4

import pytest

from eventlog import rebuild
from eventlog.awaiting import wait_for
from tests.support.bus import Journal, World, eventually, make_world, running, send
from tests.support.parts import DatabaseFactory


@pytest.fixture
async def world(database: DatabaseFactory, kafka: str) -> World:
    return await make_world(database, kafka)


async def write(world: World, subjects: list[UUID], first: int, upto: int) -> None:
    await send(
        world,
        [(each, world.message(each, n)) for n in range(first, upto + 1) for each in subjects],
    )


async def test_a_rebuilt_and_a_new_projection_equal_the_live_one(world: World) -> None:
    subjects = [uuid4() for _ in range(4)]
    journal, newcomer = Journal(world.topic), Journal(world.topic, name="newcomer")

    async def has(projection: str, upto: int) -> bool:
        wanted = {each: list(range(1, upto + 1)) for each in subjects}
        return await world.journal(projection) == wanted

    await write(world, subjects, 1, 20)
    async with running(world.consumer(journal)):
        assert await eventually(lambda: has("journal", 20))

    async with running(world.consumer(journal, newcomer)):
        async with world.pool.acquire() as connection:
            await connection.execute("DELETE FROM journal WHERE projection = 'journal'")
            await rebuild.begin(connection, "journal")
        for first in range(21, 41, 5):
            await write(world, subjects, first, first + 4)
            await asyncio.sleep(0.1)
        assert await eventually(lambda: has("newcomer", 40))
        assert await eventually(lambda: has("journal", 40))

        async def all_live() -> bool:
            return not await world.pool.fetchval(
                "SELECT count(*) FROM eventlog.consumer_projection WHERE NOT live"
            )

        assert await eventually(all_live)
        await write(world, subjects, 41, 45)
        assert await eventually(lambda: has("newcomer", 45))
        assert await eventually(lambda: has("journal", 45))


async def test_a_request_waits_until_the_projections_have_seen_what_it_wrote(world: World) -> None:
    subject = uuid4()
    origin = world.topic.split(".")[0]
    after = f"{origin}/{subject}=3, elsewhere/{subject}=9"

    async def wait(subjects: list[str] | None, seconds: float) -> bool:
        return await wait_for(
            world.database.pools.app, after, "own", {origin}, subjects, timeout=seconds
        )

    async with running(world.consumer(Journal(world.topic))):
        await send(world, [(subject, world.message(subject, n)) for n in (1, 2)])

        async def sees_two() -> bool:
            return (await world.journal()).get(subject) == [1, 2]

        assert await eventually(sees_two)
        assert not await wait(None, 0.1)
        assert not await wait([str(subject)], 0.1)
        assert await wait([str(uuid4())], 0.1)
        waiting = asyncio.create_task(wait([str(subject)], 5.0))
        await send(world, [(subject, world.message(subject, 3))])
        assert await waiting
