"""The laws hold for a sound projection, and each kind of unsound one is caught."""

from uuid import uuid4

import pytest

from contracts import Envelope, MessageData, read_envelope
from runtime.database import Connection
from tests.support.bus import Journal, World, make_world
from tests.support.parts import DatabaseFactory
from tests.support.projection_laws import LawBroken, check_projection_laws

TABLES = {"journal": {"place"}}


@pytest.fixture
async def world(database: DatabaseFactory, kafka: str) -> World:
    return await make_world(database, kafka)


class LeavesItsRows(Journal):
    """Unsound: reset empties nothing."""

    async def reset(self, connection: Connection) -> None:
        return None


class CountsCalls(Journal):
    """Unsound: what it writes depends on what else happened in this process."""

    async def apply(self, connection: Connection, envelope: Envelope, data: MessageData) -> None:
        await super().apply(connection, envelope, data)
        await connection.execute("UPDATE journal SET number = $1", self.calls)


async def test_laws(world: World) -> None:
    messages = [
        read_envelope(world.message(subject, sequence))
        for subject in (uuid4(), uuid4(), uuid4())
        for sequence in range(1, 11)
    ]
    rows = await check_projection_laws(world.pool, Journal(world.topic), messages, TABLES)
    assert len(rows["journal"]) == 30
    assert await world.journal() == {}
    with pytest.raises(LawBroken, match="rebuilt: journal has 60 rows instead of 30"):
        await check_projection_laws(world.pool, LeavesItsRows(world.topic), messages, TABLES)
    with pytest.raises(LawBroken, match="in batches"):
        await check_projection_laws(world.pool, CountsCalls(world.topic), messages, TABLES)
