"""Members of a group come, go and crash; nothing is applied twice and nothing is left out."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from faststream.kafka import KafkaMessage

from contracts import Envelope, MessageData
from eventlog import delivery
from eventlog.consumer import Consumer
from eventlog.gate import Gate, Verdict
from eventlog.kafka import TopicPartition
from runtime.database import Connection
from tests.support.bus import Journal, World, eventually, make_world, running, send
from tests.support.parts import DatabaseFactory


@pytest.fixture
async def world(database: DatabaseFactory, kafka: str) -> World:
    return await make_world(database, kafka)


def no_gate(gate: Gate, sequence: int) -> Verdict:
    """Sabotage: everything is applied as it comes."""
    return Verdict.APPLY


class ByKafkasOffsets(Consumer):
    """Sabotage: its own stored offsets are not heeded, only those acknowledged to Kafka."""

    async def _go_on(self, places: set[TopicPartition]) -> None:
        return None


class NeverAcks(ByKafkasOffsets):
    """Its life ends between the commit in PostgreSQL and the acknowledgement to Kafka."""

    async def _acknowledge(self, message: KafkaMessage) -> None:
        return None


@pytest.mark.parametrize(
    ("survivor", "gate_off", "twice"),
    [(Consumer, True, False), (ByKafkasOffsets, False, False), (ByKafkasOffsets, True, True)],
    ids=["own offsets", "gate", "neither"],
)
async def test_redelivery_after_a_crash_between_commit_and_ack_changes_nothing(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    survivor: type[Consumer],
    gate_off: bool,
    twice: bool,
) -> None:
    subjects = [uuid4() for _ in range(5)]
    await send(world, [(each, world.message(each, n)) for each in subjects for n in range(1, 11)])
    journal = Journal(world.topic)
    if gate_off:
        monkeypatch.setattr(delivery, "judge", no_gate)

    async def committed() -> bool:
        return sum(len(each) for each in (await world.journal()).values()) >= 50

    async with running(world.consumer(journal, kind=NeverAcks)):
        assert await eventually(committed)
    marker = uuid4()
    async with running(world.consumer(journal, kind=survivor)):
        await send(world, [(marker, world.message(marker, 1))])

        async def went_on() -> bool:
            rows = await world.journal()
            return marker in rows and (not twice or len(rows[subjects[0]]) > 10)

        assert await eventually(went_on)
    rows = await world.journal()
    once = all(rows[each] == list(range(1, 11)) for each in subjects)
    assert once is not twice


class Slow(Journal):
    """Takes so long that a rebalance always meets it in the middle of a batch."""

    async def apply(self, connection: Connection, envelope: Envelope, data: MessageData) -> None:
        await super().apply(connection, envelope, data)
        await asyncio.sleep(0.003)


class LetsGoAtOnce(ByKafkasOffsets):
    """Sabotage: it hands its partitions over in the middle of a batch."""

    async def _on_revoked(self, revoked: set[TopicPartition]) -> None:
        return None


@pytest.mark.parametrize("sabotaged", [False, True])
async def test_a_second_member_joins_and_leaves_in_the_middle_of_the_work(
    world: World, monkeypatch: pytest.MonkeyPatch, sabotaged: bool
) -> None:
    subjects = [uuid4() for _ in range(12)]
    kind = LetsGoAtOnce if sabotaged else Consumer
    if sabotaged:
        monkeypatch.setattr(delivery, "judge", no_gate)
    journal = Slow(world.topic)
    first, second = world.consumer(journal, kind=kind), world.consumer(journal, kind=kind)
    await send(world, [(each, world.message(each, n)) for n in range(1, 41) for each in subjects])

    async def some(least: int) -> bool:
        return sum(len(each) for each in (await world.journal()).values()) >= least

    async with running(first):
        await asyncio.sleep(0.5)
        async with running(second):
            await send(
                world, [(each, world.message(each, n)) for n in range(41, 81) for each in subjects]
            )
            assert await eventually(lambda: some(700))
        await send(
            world, [(each, world.message(each, n)) for n in range(81, 91) for each in subjects]
        )
        assert await eventually(lambda: some(12 * 90))
        await asyncio.sleep(0.3 if not sabotaged else 1.0)
    exact = await world.journal() == {each: list(range(1, 91)) for each in subjects}
    assert exact is not sabotaged


@pytest.mark.parametrize("watched", [True, False])
async def test_a_member_whose_client_stopped_fetching_joins_again(
    world: World, watched: bool
) -> None:
    subject = uuid4()

    async def has(upto: int) -> bool:
        return (await world.journal()).get(subject) == list(range(1, upto + 1))

    consumer = world.consumer(Journal(world.topic), stuck_seconds=1.0 if watched else 60.0)
    async with running(consumer):
        await send(world, [(subject, world.message(subject, 1))])
        assert await eventually(lambda: has(1))
        client: Any = consumer._client()  # pyright: ignore[reportPrivateUsage]  # to break it
        client._fetcher._fetch_task.cancel()
        await asyncio.sleep(0.7)  # until the request that is on its way has come back
        await send(world, [(subject, world.message(subject, 2))])
        assert await eventually(lambda: has(2), seconds=15.0 if watched else 3.0) is watched
