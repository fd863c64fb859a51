"""Whatever order and however often messages come: each projection sees each once, in order."""

import random
from uuid import uuid4

import pytest

from contracts import MESSAGES
from eventlog import delivery
from eventlog.gate import Gate, Verdict
from eventlog.repair import RepairAnswerer
from tests.support.bus import (
    Counted,
    Journal,
    World,
    eventually,
    make_world,
    running,
    send,
)
from tests.support.parts import DatabaseFactory


@pytest.fixture
async def world(database: DatabaseFactory, kafka: str) -> World:
    return await make_world(database, kafka)


def no_gate(gate: Gate, sequence: int) -> Verdict:
    """Sabotage: everything is applied as it comes."""
    return Verdict.APPLY


@pytest.mark.parametrize("gate_off", [False, True])
async def test_messages_twice_and_out_of_order_are_applied_once_in_order(
    world: World, monkeypatch: pytest.MonkeyPatch, gate_off: bool
) -> None:
    subjects = [uuid4() for _ in range(10)]
    messages = [
        (subject, world.message(subject, sequence))
        for subject in subjects
        for sequence in range(1, 21)
        for _ in range(2)
    ]
    random.Random(20).shuffle(messages)
    journal = Journal(world.topic)
    if gate_off:
        monkeypatch.setattr(delivery, "judge", no_gate)

    async def quiet() -> bool:
        rows = sum(len(each) for each in (await world.journal()).values())
        return rows >= (400 if gate_off else 200)

    await send(world, messages)
    async with running(world.consumer(journal)):
        assert await eventually(quiet)
    exact = await world.journal() == {subject: list(range(1, 21)) for subject in subjects}
    assert exact is not gate_off
    if not gate_off:
        assert await world.pool.fetchval("SELECT count(*) FROM eventlog.parked_key") == 0
        assert await world.pool.fetchval("SELECT count(*) FROM eventlog.parked") == 0


@pytest.mark.parametrize("owner_answers", [True, False])
async def test_a_missing_message_stops_its_key_alone_until_the_owner_repairs_it(
    world: World, monkeypatch: pytest.MonkeyPatch, owner_answers: bool
) -> None:
    torn, whole = uuid4(), uuid4()
    for subject in (torn, whole):
        await world.append(subject, 1, 6)
    await world.pool.execute(  # the relay believes that it has published them
        "UPDATE eventlog.outbox_cursor SET xid = pg_current_xact_id()"
    )
    if not owner_answers:
        monkeypatch.setattr(RepairAnswerer, "answer", _deaf)
    journal = Journal(world.topic)

    async def repaired() -> bool:
        return (await world.journal()).get(torn) == [1, 2, 3, 4, 5, 6]

    async def others_go_on() -> bool:
        found = await world.journal()
        return found.get(whole) == [1, 2, 3, 4, 5, 6] and found.get(torn, [])[:2] == [1, 2]

    relay = world.relay()
    monkeypatch.setattr(relay, "_watch", _sees_nothing)
    consumer = world.consumer(journal, on_commit=relay.wake)
    async with running(relay, consumer):
        await send(world, [(torn, world.message(torn, n)) for n in (1, 2, 4, 5, 6)])
        await send(world, [(whole, world.message(whole, n)) for n in range(1, 7)])
        assert await eventually(others_go_on)
        assert await eventually(repaired, seconds=8.0 if owner_answers else 3.0) is owner_answers
    if not owner_answers:
        assert (await world.journal())[torn] == [1, 2]
        asked = await world.pool.fetchval("SELECT repair_attempts FROM eventlog.parked_key")
        assert asked >= 1


async def _deaf(self: RepairAnswerer, record: object) -> int:
    return 0


async def _sees_nothing(connection: object, producer: object) -> None:
    return None


async def test_types_that_nobody_uses_move_the_gate_and_nothing_else(world: World) -> None:
    subject = uuid4()
    unknown = world.message(subject, 2).replace(Counted.TYPE.encode(), b"bustest.forgotten.v1")
    journal = Journal(world.topic)
    await send(
        world,
        [
            (subject, world.message(subject, 1)),
            (subject, unknown),
            (subject, world.message(subject, 3)),
        ],
    )

    async def passed() -> bool:
        return (await world.journal()).get(subject) == [1, 3]

    async with running(world.consumer(journal)):
        assert await eventually(passed)
    assert b"forgotten" in unknown
    assert "bustest.forgotten.v1" not in MESSAGES


async def test_messages_without_a_sequence_come_as_they_come(world: World) -> None:
    subject = uuid4()
    progress = [
        world.message(subject, 7, number).replace(b'"sequence":7,', b"") for number in (3, 1)
    ]
    journal = Journal(world.topic)
    await send(world, [(subject, value) for value in progress])

    async def numbers() -> bool:
        rows = await world.pool.fetch("SELECT number FROM journal ORDER BY place")
        return [row["number"] for row in rows] == [3, 1]

    async with running(world.consumer(journal)):
        assert await eventually(numbers)
    assert await world.pool.fetchval("SELECT count(*) FROM eventlog.consumer_gate") == 0
