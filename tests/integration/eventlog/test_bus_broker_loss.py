"""The broker forgets what it acknowledged: PostgreSQL is the truth, and the topics are refilled."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from eventlog.kafka import Producer
from eventlog.relay import Relay
from eventlog.topics_admin import ensure_topics
from multicanvas.parts.kafka import Kafka
from multicanvas.parts.ports import Ports
from runtime.database import Connection
from tests.support.bus import Journal, World, eventually, make_world, on_the_topic, running
from tests.support.parts import DatabaseFactory


class Broker:
    """A broker of this test's own that can lose all, or what came after a moment in time."""

    def __init__(self, home: Path) -> None:
        self._kafka = Kafka(home, Ports(home / "ports.json"))
        self._data = home / "kafka"
        self._kept = home / "kept"

    def start(self) -> str:
        return self._kafka.start()

    def stop(self) -> None:
        self._kafka.stop()

    def keep_this_moment(self) -> None:
        self.stop()
        shutil.copytree(self._data, self._kept)
        self._kafka.start()

    def lose_what_came_since(self) -> None:
        self.stop()
        shutil.rmtree(self._data)
        self._kept.rename(self._data)
        self._kafka.start()

    def lose_everything(self) -> None:
        self._kafka.wipe()
        self._kafka.start()


@pytest.fixture
def broker() -> Iterator[Broker]:
    home = Path(tempfile.mkdtemp(prefix="multicanvas-kafka-"))
    broker = Broker(home)
    try:
        yield broker
    finally:
        broker.stop()
        shutil.rmtree(home, ignore_errors=True)


class SeesNothing(Relay):
    """Sabotage: it makes missing topics, but heeds neither marker nor offsets."""

    async def _watch(self, connection: Connection, producer: Producer) -> None:
        await ensure_topics(self._kafka, self._topics)
        self._highest = {}


async def complete(world: World, subject: UUID, upto: int) -> bool:
    return list(dict.fromkeys((await on_the_topic(world)).get(str(subject), ()))) == list(
        range(1, upto + 1)
    )


async def test_a_broker_that_loses_its_tail_and_then_everything_is_filled_again(
    database: DatabaseFactory, broker: Broker
) -> None:
    kafka = await asyncio.to_thread(broker.start)
    one, other, careless = [
        await make_world(database, kafka, name) for name in ("one", "other", "careless")
    ]
    subject = uuid4()
    worlds = (one, other, careless)
    journal = Journal(one.topic)
    other_journal = Journal(other.topic)
    relays = [one.relay(watch_seconds=1.0), other.relay(watch_seconds=1.0)]

    async def all_have(upto: int, which: tuple[World, ...] = worlds) -> bool:
        return all([await complete(world, subject, upto) for world in which])

    async def both_projected(upto: int) -> bool:
        wanted = {subject: list(range(1, upto + 1))}
        return await one.journal() == wanted and await other.journal() == wanted

    async with running(
        *relays,
        careless.relay(SeesNothing, watch_seconds=1.0),
        one.consumer(journal, on_commit=relays[0].wake),
        other.consumer(other_journal, on_commit=relays[1].wake),
    ):
        for world in worlds:
            await world.append(subject, 1, 5)
        assert await eventually(lambda: all_have(5), seconds=60, every=0.2)
        assert await eventually(lambda: both_projected(5))

        await asyncio.to_thread(broker.keep_this_moment)
        for world in worlds:
            await world.append(subject, 6, 5)
        assert await eventually(lambda: all_have(10), seconds=60, every=0.3)
        await asyncio.to_thread(broker.lose_what_came_since)
        assert await eventually(lambda: all_have(10, (one, other)), seconds=60, every=0.3)
        assert not await complete(careless, subject, 10)

        await asyncio.to_thread(broker.lose_everything)
        for world in worlds:
            await world.append(subject, 11, 5)
        assert await eventually(lambda: all_have(15, (one, other)), seconds=60, every=0.3)
        assert await eventually(lambda: both_projected(15), seconds=60)
        assert not await complete(careless, subject, 15)
