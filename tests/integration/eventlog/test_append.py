"""Commands on a real database: versions, conflicts, what is stored, who may."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import orjson
import pytest
import pytest_asyncio

from eventlog.answers import Answer
from eventlog.append import append
from eventlog.domain import Refusal
from eventlog.errors import AggregateNotFound, ConcurrencyError, StaleVersion, UnrecordedEvents
from eventlog.mapper import Mapper
from eventlog.message import message_bytes
from eventlog.stored import Metadata, StoredEvent, unpack
from eventlog.unit import Unit
from runtime.context import Context, act_as, acting
from runtime.ids import event_id, uuid7
from tests.support.board import PUBLISHED, Board
from tests.support.board_log import Boards, make_boards, put
from tests.support.parts import DatabaseFactory


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def boards(database: DatabaseFactory) -> Boards:
    return await make_boards(database)


async def stored_of(boards: Boards, board_id: UUID) -> list[StoredEvent]:
    rows = await boards.database.pools.worker.fetch(
        "SELECT * FROM eventlog.events WHERE originator_id = $1 ORDER BY originator_version",
        board_id,
    )
    return [StoredEvent.from_row(row) for row in rows]


async def test_a_command_stores_its_events_and_tells_what_it_wrote(boards: Boards):
    board_id = await boards.begin()
    answer = await boards.put(board_id, "a", "hello")
    assert answer.wrote == ((f"boards/{board_id}", 2),)
    first, second = await stored_of(boards, board_id)
    assert (first.topic, second.topic) == ("boards.board_created", "boards.card_put")
    assert second.event_id == event_id(board_id, 2)
    assert second.metadata.actor == "ann"
    assert (first.metadata.command_number, second.metadata.command_number) == (1, 2)


async def test_only_the_commands_last_event_of_an_aggregate_is_marked_last(boards: Boards):
    one, other = uuid7(), uuid7()

    async def work(unit: Unit) -> Answer:
        first, second = Board(id=one), Board(id=other)
        first.put("a")
        unit.record(first, second)
        first.put("b")
        unit.record(first)
        return Answer(201)

    await boards.log.run(Context.for_actor("ann"), work)
    events = [*(await stored_of(boards, one)), *(await stored_of(boards, other))]
    assert [event.metadata.last for event in events] == [False, False, True, True]
    assert {event.metadata.command_number for event in events} == {1}


async def test_events_happen_at_the_time_of_their_command(boards: Boards):
    moment = datetime(2026, 1, 2, 3, 4, 5, 678999, tzinfo=UTC)
    board_id = uuid7()

    async def work(unit: Unit) -> Answer:
        unit.record(Board(id=board_id))
        return Answer(201)

    await boards.log.run(Context.for_actor("ann", now=moment), work)
    (recorded,) = await boards.log.history(Context.for_actor("ann"), board_id)
    assert recorded.event.timestamp == datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    assert recorded.metadata.occurred_at == recorded.event.timestamp


async def test_of_twenty_racers_with_the_same_version_one_wins(boards: Boards):
    board_id = await boards.begin()
    mapper = Mapper(PUBLISHED, boards.sealer)
    context = Context.for_actor("ann")
    board = await boards.log.load_at(context, Board, board_id)
    board.put("race")
    (event,) = board.collect_events()
    metadata = Metadata("ann", context.command_id, 2, True, context.now, context.correlation_id)
    stored = await mapper.to_stored(event, metadata, board.key_scope)  # pyright: ignore[reportArgumentType]  # the library's type is wider

    async def race() -> bool:
        try:
            async with acting(
                boards.database.pools.app, boards.database.signer, "ann"
            ) as connection:
                await append(connection, [stored])
        except ConcurrencyError:
            return False
        return True

    assert sum(await asyncio.gather(*(race() for _ in range(20)))) == 1


async def test_twenty_commands_at_once_all_land_across_two_processes(boards: Boards):
    board_id = await boards.begin()
    logs = (boards.log, boards.another())
    await asyncio.gather(*(put(logs[n % 2], board_id, f"c{n}") for n in range(20)))
    board = await boards.log.load_at(Context.for_actor("ann"), Board, board_id)
    assert (board.version, len(board.cards), board.command_number) == (21, 20, 21)


async def test_a_refusal_stores_nothing_and_the_next_command_sees_the_true_state(boards: Boards):
    board_id = await boards.begin()

    async def work(unit: Unit) -> Answer:
        board = await unit.load(Board, board_id)
        board.put("half")
        unit.record(board)
        raise Refusal("changed_my_mind", "No.")

    with pytest.raises(Refusal, match="changed_my_mind"):
        await boards.log.run(Context.for_actor("ann"), work)
    assert len(await stored_of(boards, board_id)) == 1
    answer = await boards.put(board_id, "whole")
    assert answer.body == {"cards": 1}


async def test_a_change_that_is_not_recorded_fails_instead_of_vanishing(boards: Boards):
    board_id = await boards.begin()

    async def work(unit: Unit) -> Answer:
        (await unit.load(Board, board_id)).put("lost")
        return Answer(200)

    with pytest.raises(UnrecordedEvents):
        await boards.log.run(Context.for_actor("ann"), work)
    assert (await boards.put(board_id, "kept")).body == {"cards": 1}


async def test_a_cached_aggregate_follows_what_another_process_wrote(boards: Boards):
    board_id = await boards.begin()
    await boards.put(board_id, "mine")
    await put(boards.another(), board_id, "theirs")
    assert (await boards.put(board_id, "again")).body == {"cards": 3}


async def test_if_match_with_an_old_version_is_refused_with_the_current_one(boards: Boards):
    board_id = await boards.begin()
    await boards.put(board_id, "a")

    async def work(unit: Unit) -> Answer:
        unit.expect(await unit.load(Board, board_id), 1)
        return Answer(200)

    with pytest.raises(StaleVersion) as refused:
        await boards.log.run(Context.for_actor("ann"), work)
    assert refused.value.extra["version"] == 2


async def test_ten_thousand_events_go_in_with_one_call_and_one_more_is_refused(boards: Boards):
    board_id = await boards.begin()

    def many(count: int):
        async def work(unit: Unit) -> Answer:
            board = await unit.load(Board, board_id)
            for number in range(count):
                board.put(f"c{number}")
            unit.record(board)
            return Answer(200)

        return work

    with pytest.raises(Refusal, match="too_many_events"):
        await boards.log.run(Context.for_actor("ann"), many(10_001))
    await boards.log.run(Context.for_actor("ann"), many(10_000))
    versions = [one.originator_version for one in await stored_of(boards, board_id)]
    assert versions == list(range(1, 10_002))


async def test_nothing_sealed_is_stored_in_clear_and_everything_is_read_back(boards: Boards):
    board_id = await boards.begin(title="canary-title")
    await boards.put(board_id, "a", "canary-text " * 100)
    for event in await stored_of(boards, board_id):
        assert b"canary" not in unpack(event.state)
        assert b"canary" not in message_bytes("boards", event, PUBLISHED)
    board = await boards.another().load_at(Context.for_actor("ann"), Board, board_id)
    assert board.title == "canary-title"
    assert board.cards["a"].text == "canary-text " * 100


async def test_after_its_key_is_forgotten_an_aggregate_loads_with_its_open_part(boards: Boards):
    board_id = await boards.begin(title="secret")
    await boards.put(board_id, "a", "secret")
    before = [message_bytes("boards", e, PUBLISHED) for e in await stored_of(boards, board_id)]
    await boards.keys.forget(project_id=board_id)
    await asyncio.sleep(0.1)
    board = await boards.another().load_at(Context.for_actor("ann"), Board, board_id)
    assert board.title is None
    assert board.cards["a"].text is None
    assert board.cards["a"].width == 1.0
    after = [message_bytes("boards", e, PUBLISHED) for e in await stored_of(boards, board_id)]
    assert before == after


async def test_an_event_of_an_older_shape_is_upcast(boards: Boards):
    board_id = await boards.begin()
    context = Context.for_actor("ann")
    state = orjson.dumps({"cardId": "old", "text": "plain"})
    metadata = Metadata("ann", context.command_id, 2, True, context.now, context.correlation_id)
    old = StoredEvent(board_id, 2, "boards.card_put", 1, state, metadata)
    async with acting(boards.database.pools.app, boards.database.signer, "ann") as connection:
        await append(connection, [old])
    board = await boards.log.load_at(context, Board, board_id)
    assert board.cards["old"].text == "plain"


async def test_any_past_version_can_be_loaded(boards: Boards):
    board_id = await boards.begin()
    for name in ("a", "b", "c"):
        await boards.put(board_id, name)
    board = await boards.log.load_at(Context.for_actor("ann"), Board, board_id, 3)
    assert list(board.cards) == ["a", "b"]


async def test_shipped_things_are_created_once_by_any_number_of_starters(boards: Boards):
    ids = [uuid7() for _ in range(250)]
    context = Context.for_actor("service:boards")

    async def start() -> int:
        shipped = [Board(id=one, title="Shipped") for one in ids]
        return await boards.another().seed(context, shipped)

    assert sum(await asyncio.gather(*(start() for _ in range(3)))) == 250
    assert await start() == 0


async def test_a_service_takes_part_in_a_consumers_transaction(boards: Boards):
    board_id = await boards.begin()
    context = Context.for_actor("ann")

    async def work(unit: Unit) -> Answer:
        board = await unit.load(Board, board_id)
        board.put(f"c{board.version}")
        unit.record(board)
        return Answer(200)

    async with boards.database.pools.worker.acquire() as connection:
        failed = connection.transaction()
        await failed.start()
        await boards.log.run_as_service(context, work, connection)
        await failed.rollback()
        async with connection.transaction():
            await boards.log.run_as_service(context, work, connection)
            await boards.log.run_as_service(context, work, connection)
    events = await stored_of(boards, board_id)
    assert [e.originator_version for e in events] == [1, 2, 3]
    assert {e.metadata.actor for e in events} == {"ann"}
    assert (await boards.put(board_id, "mine")).body == {"cards": 3}


async def test_what_a_service_creates_for_someone_is_theirs(boards: Boards):
    board_id = uuid7()

    async def work(unit: Unit) -> Answer:
        unit.record(Board(id=board_id))
        return Answer(201)

    await boards.log.run_as_service(Context.for_actor("cleo"), work)
    await boards.put(board_id, "a", actor="cleo")
    with pytest.raises(AggregateNotFound):
        await boards.put(board_id, "b", actor="ann")


async def test_a_command_whose_transaction_is_older_than_its_predecessor_is_turned_back(
    boards: Boards,
):
    board_id = await boards.begin()
    context = Context.for_actor("ann")

    async def work(unit: Unit) -> Answer:
        board = await unit.load(Board, board_id)
        board.put("late")
        unit.record(board)
        return Answer(200)

    async with boards.database.pools.worker.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.fetchval("SELECT pg_current_xact_id()::text")
        await boards.put(board_id, "early")
        with pytest.raises(ConcurrencyError) as refused:
            await boards.log.run_as_service(context, work, connection)
        await transaction.rollback()
    assert isinstance(refused.value.__cause__, asyncpg.SerializationError)


async def test_the_log_knows_when_it_was_restored_into_a_younger_cluster(boards: Boards):
    await boards.begin()
    connection = await asyncpg.connect(boards.database.owner_dsn)
    undone = connection.transaction()
    await undone.start()
    answers = [await connection.fetchval("SELECT eventlog.is_from_the_future()")]
    for change in (
        "UPDATE eventlog.events SET xid = ((xid::text)::bigint + 1000000000)::text::xid8",
        "SELECT eventlog.rebase_positions()",
    ):
        await connection.execute(change)
        answers.append(await connection.fetchval("SELECT eventlog.is_from_the_future()"))
    await undone.rollback()
    await connection.close()
    assert answers == [False, True, False]


async def test_versions_of_one_call_must_be_consecutive(boards: Boards):
    context = Context.for_actor("ann")
    metadata = Metadata("ann", context.command_id, 1, True, context.now, context.correlation_id)
    board_id = uuid7()
    events = [StoredEvent(board_id, n, "boards.card_put", 2, b"{}", metadata) for n in (1, 3)]
    async with boards.database.pools.app.acquire() as connection, connection.transaction():
        await act_as(connection, boards.database.signer, "ann")
        with pytest.raises(asyncpg.InvalidParameterValueError):
            await append(connection, events)
