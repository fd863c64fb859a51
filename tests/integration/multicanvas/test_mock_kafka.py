"""Where Kafka cannot be had: the broker in its place carries our event log, and says what it is."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from contracts.topics import Topic
from multicanvas import doctor
from multicanvas.parts import EmbeddedParts, Passwords
from multicanvas.parts.mock_kafka import NOTICE, MockKafka
from multicanvas.parts.ports import Ports
from tests.support import bus
from tests.support.bus import Journal, eventually, make_world, running
from tests.support.parts import DatabaseFactory


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="multicanvas-mock-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


async def test_events_arrive_once_also_after_it_lost_everything(
    database: DatabaseFactory, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = Ports(home / "ports.json")
    brokers: list[MockKafka] = []

    async def start_with(kafka: str, topics: Iterable[Topic]) -> None:
        brokers.append(MockKafka(home, ports, topics))
        assert await asyncio.to_thread(brokers[0].start) == kafka

    monkeypatch.setattr(bus, "ensure_topics", start_with)
    world = await make_world(database, f"127.0.0.1:{ports.take('kafka')}")
    relay = world.relay(watch_seconds=1.0)
    subject = uuid4()

    async def projected(upto: int) -> bool:
        return await world.journal() == {subject: list(range(1, upto + 1))}

    try:
        async with running(relay, world.consumer(Journal(world.topic), on_commit=relay.wake)):
            await world.append(subject, 1, 20)
            assert await eventually(lambda: projected(20), seconds=30)
            # when it is stopped, which is all it takes to lose everything
            await asyncio.to_thread(brokers[0].stop)
            await world.append(subject, 21, 20)
            await asyncio.to_thread(brokers[0].start)
            # then what came meanwhile arrives, and nothing a second time
            assert await eventually(lambda: projected(40), seconds=60)
            await world.append(subject, 41, 5)
            assert await eventually(lambda: projected(45), seconds=30)
            topic = await bus.on_the_topic(world)
            assert sorted(set(topic[str(subject)])) == list(range(1, 46))
    finally:
        brokers[0].stop()


def test_it_is_taken_only_where_jars_cannot_be_had_and_says_so(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords = Passwords("p", "access-key-1", "secret-key-123456", "v")
    assert EmbeddedParts(home, passwords).notice is None
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "empty"))
    monkeypatch.setenv("PATH", str(Path(shutil.which("java") or "/nowhere").parent))
    monkeypatch.setattr("multicanvas.parts.kafka.shutil.which", lambda name: None)
    assert EmbeddedParts(home, passwords).notice == NOTICE
    said = doctor.kafka()
    assert not said.ok
    assert not said.needed
    assert "keeps nothing" in said.found
    assert "MULTICANVAS_KAFKA" in said.fix
    given = {"kafka": "broker.example.org:9092"}
    assert EmbeddedParts(home, passwords, given=given).notice is None
