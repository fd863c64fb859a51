"""A message that cannot be applied stops its own key, and nothing is lost by it."""

from uuid import UUID, uuid4

import pytest

from contracts import Envelope, MessageData
from contracts.topics import dead_letters_of
from eventlog import delivery
from eventlog.gate import Gate, Verdict
from runtime.database import Connection, connected
from tests.support.bus import (
    Counted,
    Journal,
    World,
    eventually,
    make_world,
    on_the_topic,
    running,
    send,
)
from tests.support.parts import DatabaseFactory


@pytest.fixture
async def world(database: DatabaseFactory, kafka: str) -> World:
    return await make_world(database, kafka)


def lets_later_ones_pass(gate: Gate, sequence: int) -> Verdict:
    """Sabotage: what follows a poisonous message is not kept waiting."""
    return Verdict.APPLY if sequence > gate.last else Verdict.DROP


async def has(world: World, subject: UUID, sequences: list[int]) -> bool:
    return (await world.journal()).get(subject) == sequences


@pytest.mark.parametrize("gate_off", [False, True])
async def test_poison_waits_as_a_dead_letter_and_a_retry_brings_the_rest_in_order(
    world: World, monkeypatch: pytest.MonkeyPatch, gate_off: bool
) -> None:
    ill, well = uuid4(), uuid4()
    journal = Journal(world.topic, refuses={1005})
    messages: list[tuple[UUID, bytes]] = []
    for sequence in range(1, 11):
        number = 1005 if sequence == 5 else sequence
        messages.append((ill, world.message(ill, sequence, number)))
        messages.append((well, world.message(well, sequence)))
    if gate_off:
        monkeypatch.setattr(delivery, "judge", lets_later_ones_pass)

    relay = world.relay()
    consumer = world.consumer(journal, on_commit=relay.wake)
    async with running(relay, consumer):
        await send(world, messages)
        assert await eventually(lambda: has(world, well, list(range(1, 11))))
        (letter,) = await consumer.letters.open_letters("journal")
        assert letter.reason == "ValueError: 1005 is too much"
        assert (letter.subject, letter.sequence, letter.attempts) == (str(ill), 5, 3)

        async def copied() -> bool:
            return (await on_the_topic(world, dead_letters_of(world.topic))) == {str(ill): [5]}

        assert await eventually(copied)
        if not gate_off:
            assert await has(world, ill, [1, 2, 3, 4])
            assert not await consumer.letters.retry(letter.id, "operator")
            await send(world, messages[:12])  # delivered again: no second letter, no second effect
            assert len(await consumer.letters.open_letters()) == 1

        journal.refuses.clear()
        assert await consumer.letters.retry(letter.id, "operator")
    assert await has(world, ill, list(range(1, 11))) is not gate_off
    assert await has(world, well, list(range(1, 11)))
    assert await consumer.letters.open_letters() == []


async def test_dropping_a_letter_goes_on_without_its_message(world: World) -> None:
    subject = uuid4()
    journal = Journal(world.topic, refuses={2})
    consumer = world.consumer(journal)
    async with running(consumer):
        await send(world, [(subject, world.message(subject, n)) for n in (1, 2, 3)])

        async def buried() -> bool:
            return len(await consumer.letters.open_letters()) == 1

        assert await eventually(buried)
        await consumer.letters.drop((await consumer.letters.open_letters())[0].id, "operator")
        await send(world, [(subject, world.message(subject, 4))])
        assert await eventually(lambda: has(world, subject, [1, 3, 4]))


async def test_bytes_that_are_no_message_and_data_that_does_not_fit_become_letters(
    world: World,
) -> None:
    broken, misfit = uuid4(), uuid4()
    journal = Journal(world.topic)
    consumer = world.consumer(journal)
    async with running(consumer):
        await send(
            world,
            [
                (broken, b"\xff not json"),
                (misfit, world.message(misfit, 1, "many")),
                (misfit, world.message(misfit, 2)),
                (broken, world.message(broken, 1)),
            ],
        )
        assert await eventually(lambda: has(world, broken, [1]))
        reasons = {
            letter.consumer: letter.reason for letter in await consumer.letters.open_letters()
        }
    assert reasons["*"].startswith("unreadable envelope")
    assert reasons["journal"].startswith("invalid data: bustest.counted.v1: number")
    assert await world.journal() == {broken: [1]}


class CommitsBadly(Journal):
    """Its rows break a rule that PostgreSQL checks only at the commit."""

    async def apply(self, connection: Connection, envelope: Envelope, data: MessageData) -> None:
        await super().apply(connection, envelope, data)
        assert isinstance(data, Counted)
        await connection.execute("INSERT INTO late_rule VALUES ($1)", data.number)


async def test_a_failure_at_the_commit_is_found_by_halving(world: World) -> None:
    async with connected(world.database.owner_dsn) as owner:
        await owner.execute(
            "CREATE TABLE allowed (number bigint PRIMARY KEY);"
            "CREATE TABLE late_rule (number bigint REFERENCES allowed DEFERRABLE INITIALLY "
            "DEFERRED); INSERT INTO allowed SELECT generate_series(1, 20);"
            "GRANT ALL ON allowed, late_rule TO multicanvas_worker"
        )
    subjects = [uuid4() for _ in range(20)]
    messages = [(each, world.message(each, 1, place)) for place, each in enumerate(subjects, 1)]
    messages[12] = (subjects[12], world.message(subjects[12], 1, 999))
    consumer = world.consumer(CommitsBadly(world.topic))
    await send(world, messages)
    async with running(consumer):

        async def nineteen() -> bool:
            return len(await world.journal()) == 19

        assert await eventually(nineteen)
        (letter,) = await consumer.letters.open_letters()
    assert letter.subject == str(subjects[12])
    assert letter.reason.startswith("at commit: ForeignKeyViolationError")


class Greets:
    """A reaction: greets each subject it hears of."""

    name = "greets"
    types = frozenset({Counted.TYPE})

    def __init__(self, topic: str) -> None:
        self.topics = frozenset({topic})
        self.ill = True

    async def handle(self, connection: Connection, envelope: Envelope, data: MessageData) -> None:
        assert isinstance(data, Counted)
        if data.number == 2 and self.ill:
            raise ValueError("no greeting for 2")
        await connection.execute(
            "INSERT INTO journal (projection, subject, sequence) VALUES ('greets', $1, $2)",
            envelope.subject,
            data.number,
        )


async def test_reactions_handle_each_event_once_in_any_order_and_poison_stops_nothing(
    world: World,
) -> None:
    subject = uuid4()
    greets = Greets(world.topic)
    consumer = world.consumer(reactions=[greets])
    async with running(consumer):
        await send(world, [(subject, world.message(subject, n)) for n in (3, 2, 1, 3, 2, 4)])

        async def greeted() -> bool:
            return (await world.journal("greets")).get(subject) == [3, 1, 4]

        assert await eventually(greeted)
        (letter,) = await consumer.letters.open_letters("greets")
        greets.ill = False
        assert await consumer.letters.retry(letter.id, "operator")
    assert await world.journal("greets") == {subject: [3, 1, 4, 2]}
