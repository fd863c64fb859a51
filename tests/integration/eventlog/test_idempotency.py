"""The same request twice: one effect, one answer."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from eventlog.answers import Answer, IdempotencyKey
from eventlog.domain import Refusal
from eventlog.errors import KeyReused
from eventlog.unit import Unit
from runtime.context import Context
from runtime.ids import uuid7
from tests.support.board import Board
from tests.support.board_log import Boards, make_boards
from tests.support.parts import DatabaseFactory

Work = Callable[[Unit], Awaitable[Answer]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def boards(database: DatabaseFactory) -> Boards:
    return await make_boards(database)


def a_key(request: bytes = b"request") -> IdempotencyKey:
    return IdempotencyKey(str(uuid7()), request.ljust(32))


def putting(board_id: UUID, card_id: str = "a", delay: float = 0.0) -> Work:
    async def work(unit: Unit) -> Answer:
        board = await unit.load(Board, board_id)
        await asyncio.sleep(delay)
        board.put(card_id, f"text of {card_id}")
        unit.record(board)
        return Answer(200, {"version": board.version, "text": "canary"}, f'"{board.version}"')

    return work


def removing(board_id: UUID) -> Work:
    async def work(unit: Unit) -> Answer:
        board = await unit.load(Board, board_id)
        board.remove("a")
        unit.record(board)
        return Answer(204)

    return work


def beginning() -> Work:
    async def work(unit: Unit) -> Answer:
        board = Board(id=uuid7())
        unit.record(board)
        return Answer(201, {"id": str(board.id)})

    return work


async def version_of(boards: Boards, board_id: UUID) -> int:
    return (await boards.log.load_at(Context.for_actor("ann"), Board, board_id)).version


async def test_a_repeated_request_gets_the_first_answer_and_does_nothing(boards: Boards):
    board_id, key = await boards.begin(), a_key()
    answers = [
        await boards.log.run(Context.for_actor("ann"), putting(board_id), idempotency=key)
        for _ in range(3)
    ]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0].wrote == ((f"boards/{board_id}", 2),)
    assert await version_of(boards, board_id) == 2


@pytest.mark.parametrize("round_", range(5))
async def test_concurrent_twins_have_one_effect_and_one_answer(boards: Boards, round_: int):
    board_id, key = await boards.begin(), a_key()
    logs = (boards.log, boards.another(), boards.another())
    answers = await asyncio.gather(
        *(
            logs[n % 3].run(
                Context.for_actor("ann"), putting(board_id, delay=0.002 * n), idempotency=key
            )
            for n in range(6)
        )
    )
    assert len({str(answer) for answer in answers}) == 1
    assert await version_of(boards, board_id) == 2


async def test_concurrent_twins_that_create_create_one(boards: Boards):
    key = a_key()
    logs = (boards.log, boards.another())
    answers = await asyncio.gather(
        *(logs[n % 2].run(Context.for_actor("tom"), beginning(), idempotency=key) for n in range(6))
    )
    assert len({answer.body["id"] for answer in answers}) == 1
    count = await boards.database.pools.worker.fetchval(
        "SELECT count(*) FROM eventlog.events WHERE metadata ->> 'actor' = 'tom'"
    )
    assert count == 1


async def test_a_twin_that_would_be_refused_gets_the_answer_of_the_one_that_did_it(boards: Boards):
    board_id, key = await boards.begin(), a_key()
    await boards.put(board_id, "a")
    first_is_in = asyncio.Event()
    may_refuse = asyncio.Event()

    async def late_twin(unit: Unit) -> Answer:
        first_is_in.set()
        await may_refuse.wait()
        raise Refusal("no_such_card", "It is gone already.", 404)

    other = boards.another()
    late = asyncio.create_task(other.run(Context.for_actor("ann"), late_twin, idempotency=key))
    await first_is_in.wait()
    await boards.log.run(Context.for_actor("ann"), removing(board_id), idempotency=key)
    may_refuse.set()
    assert (await late).status == 204


async def test_the_same_key_with_another_request_is_refused(boards: Boards):
    board_id, key = await boards.begin(), a_key(b"one")
    await boards.log.run(Context.for_actor("ann"), putting(board_id), idempotency=key)
    with pytest.raises(KeyReused):
        await boards.log.run(
            Context.for_actor("ann"),
            putting(board_id),
            idempotency=IdempotencyKey(key.key, b"other".ljust(32)),
        )


async def test_keys_of_two_people_do_not_meet(boards: Boards):
    key = a_key()
    mine, theirs = [
        await boards.log.run(Context.for_actor(actor), beginning(), idempotency=key)
        for actor in ("ann", "bob")
    ]
    assert mine.body != theirs.body


async def test_a_refusal_is_judged_anew(boards: Boards):
    board_id, key = await boards.begin(), a_key()
    with pytest.raises(Refusal):
        await boards.log.run(Context.for_actor("ann"), removing(board_id), idempotency=key)
    await boards.put(board_id, "a")
    answer = await boards.log.run(Context.for_actor("ann"), removing(board_id), idempotency=key)
    assert answer.status == 204


async def test_stored_answers_are_encrypted_and_gone_with_their_key(boards: Boards):
    board_id, key = await boards.begin(), a_key()
    await boards.log.run(Context.for_actor("ann"), putting(board_id), idempotency=key)
    rows = await boards.database.pools.worker.fetch("SELECT body FROM eventlog.idempotency")
    assert all(b"canary" not in bytes(row["body"]) for row in rows)
    await boards.keys.forget(project_id=board_id)
    await asyncio.sleep(0.1)
    answer = await boards.log.run(Context.for_actor("ann"), putting(board_id), idempotency=key)
    assert (answer.status, answer.body) == (200, None)


async def test_a_secret_is_shown_once_and_urls_are_signed_again(boards: Boards):
    key = a_key()

    async def work(unit: Unit) -> Answer:
        return Answer(
            201, {"token": "shown-once", "items": [{"url": "old"}]}, shown_once=("/token",)
        )

    async def refresh(answer: Answer) -> Answer:
        return Answer(answer.status, {**answer.body, "items": [{"url": "new"}]})

    context = Context.for_actor("ann")
    first = await boards.log.run(context, work, idempotency=key, refresh=refresh)
    again = await boards.log.run(context, work, idempotency=key, refresh=refresh)
    assert first.body["token"] == "shown-once"
    assert again.body == {"token": None, "items": [{"url": "new"}]}


async def test_a_key_may_be_used_again_after_a_day(boards: Boards):
    key = a_key()
    context = Context.for_actor("ann")
    first = await boards.log.run(context, beginning(), idempotency=key)
    owner = await asyncpg.connect(boards.database.owner_dsn)
    await owner.execute(
        "UPDATE eventlog.idempotency SET created_at = created_at - interval '25 hours'"
        " WHERE key = $1",
        key.key,
    )
    await owner.close()
    second = await boards.log.run(context, beginning(), idempotency=key)
    assert first.body != second.body
