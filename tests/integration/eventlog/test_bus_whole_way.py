"""The whole way: append, relay, broker, consumer, projection."""

from uuid import uuid4

import pytest

from tests.support.bus import Journal, World, eventually, make_world, running
from tests.support.parts import DatabaseFactory


@pytest.fixture
async def world(database: DatabaseFactory, kafka: str) -> World:
    return await make_world(database, kafka)


async def test_every_committed_event_reaches_the_projection_once_and_in_order(world: World) -> None:
    subjects = [uuid4() for _ in range(20)]
    journal = Journal(world.topic)
    async with running(world.relay(), world.consumer(journal)):
        for first in (1, 6, 11):
            for subject in subjects:
                await world.append(subject, first, 5)

        async def complete() -> bool:
            return sum(len(each) for each in (await world.journal()).values()) >= 300

        assert await eventually(complete)
    assert await world.journal() == {subject: list(range(1, 16)) for subject in subjects}
