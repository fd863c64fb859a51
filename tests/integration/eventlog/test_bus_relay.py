"""Relays lose nothing: not when one is killed, not when sending fails in the middle."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import astuple
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from eventlog import outbox
from eventlog.kafka import Ack, KafkaError, Producer
from eventlog.outbox import Outgoing
from eventlog.relay import Relay
from runtime.database import Connection
from tests.support.bus import World, eventually, make_world, on_the_topic, running
from tests.support.parts import DatabaseFactory

ROOT = Path(__file__).parents[3]


@pytest.fixture
async def world(database: DatabaseFactory, kafka: str) -> World:
    return await make_world(database, kafka)


@asynccontextmanager
async def relay_process(world: World) -> AsyncGenerator[asyncio.subprocess.Process]:
    told = json.dumps(
        {
            "service": world.service,
            "topic": world.topic,
            "topics": [astuple(topic) for topic in world.topics],
            "dsn": world.database.worker_dsn,
            "kafka": world.kafka,
        }
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.support.relay_process",
        told,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def in_order(sequences: Sequence[int], upto: int) -> bool:
    """Whether everything is there and, repetitions aside, in its order."""
    first_seen = list(dict.fromkeys(sequences))
    return first_seen == list(range(1, upto + 1))


async def test_a_killed_relay_loses_nothing_because_the_other_takes_its_shards(
    world: World,
) -> None:
    subjects = [uuid4() for _ in range(32)]

    async def written_by_both() -> bool:
        holders = await world.pool.fetchval(
            "SELECT count(DISTINCT pid) FROM pg_locks WHERE locktype = 'advisory' AND objid < 16 "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return holders == 2

    async with relay_process(world) as victim, running(world.relay()):
        assert await eventually(written_by_both)
        for first in range(1, 101, 10):
            await asyncio.gather(*(world.append(subject, first, 10) for subject in subjects))
            if first == 51:
                victim.send_signal(signal.SIGKILL)
        assert await eventually(lambda: published(world, subjects, 100), every=0.3)
    sent = await on_the_topic(world)
    assert all(in_order(sent[str(subject)], 100) for subject in subjects)


async def published(world: World, subjects: Sequence[UUID], upto: int) -> bool:
    sent = await on_the_topic(world)
    return all(set(sent.get(str(subject), ())) == set(range(1, upto + 1)) for subject in subjects)


class FailsHalfway(Relay):
    """Its first sending fails after half of the messages: the broker never gets the rest."""

    sendings = 0

    async def _publish(self, producer: Producer, messages: Sequence[Outgoing]) -> list[Ack]:
        self.sendings += 1
        if self.sendings == 1:
            await super()._publish(producer, messages[: len(messages) // 2])
            raise KafkaError("the connection broke")
        return await super()._publish(producer, messages)


class MovesFirst(FailsHalfway):
    """Sabotage: the cursor moves before the broker has acknowledged."""

    async def _step(self, connection: Connection, producer: Producer, held: Sequence[int]) -> int:
        messages = self._messages(await outbox.read(connection, held, 100))
        if messages:
            await outbox.advance(connection, messages, {})
            await self._publish(producer, messages)
        return len(messages)


@pytest.mark.parametrize(("kind", "loses"), [(FailsHalfway, False), (MovesFirst, True)])
async def test_a_failed_send_is_repeated_from_the_cursor(
    world: World, kind: type[Relay], loses: bool
) -> None:
    subjects = [uuid4() for _ in range(16)]
    for first in range(1, 51, 10):
        await asyncio.gather(*(world.append(subject, first, 10) for subject in subjects))
    async with running(world.relay(kind)):
        complete = await eventually(lambda: published(world, subjects, 50), seconds=3.0, every=0.3)
    assert complete is not loses
    if not loses:
        sent = await on_the_topic(world)
        assert all(in_order(sent[str(subject)], 50) for subject in subjects)
        assert any(len(sent[str(subject)]) > 50 for subject in subjects)


async def test_publishing_again_gives_the_same_bytes(world: World) -> None:
    subject = uuid4()
    await world.append(subject, 1, 3)
    async with world.pool.acquire() as connection:
        held = list(range(16))
        rows = await outbox.read(connection, held, 10)
        first = [outbox.outgoing(world.service, row, world.published) for row in rows]
        again = [outbox.outgoing(world.service, row, world.published) for row in rows]
    assert [message.value for message in first] == [message.value for message in again]


async def test_a_row_that_cannot_be_sent_stops_only_its_shard(world: World) -> None:
    stuck, free = UUID(int=0), UUID(int=1)  # the last byte is the shard
    await world.append(stuck, 1, 1)
    await world.pool.execute(
        "SELECT eventlog.enqueue_as_worker($1, $2, $3, '{}', 0::smallint)",
        world.topic,
        str(stuck).encode(),
        b"x" * 1_000_001,
    )
    await world.append(stuck, 2, 1)
    await world.append(free, 1, 2)

    async with running(world.relay()):
        assert await eventually(lambda: published(world, [free], 2))
    assert (await on_the_topic(world)).get(str(stuck)) == [1]
