"""Snapshots are written in the background and change nothing but the speed."""

import asyncio

import asyncpg
import pytest_asyncio

from eventlog import snapshots
from eventlog.answers import Answer
from eventlog.log import EventLog
from eventlog.unit import Unit
from runtime.context import Context
from tests.support.board import Board
from tests.support.board_log import Boards, make_boards, put
from tests.support.parts import DatabaseFactory

ANN = Context.for_actor("ann")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def boards(database: DatabaseFactory) -> Boards:
    return await make_boards(database)


async def put_many(log: EventLog, board_id: object, count: int, text: str = "canary") -> None:
    async def work(unit: Unit) -> Answer:
        board = await unit.load(Board, board_id)  # pyright: ignore[reportArgumentType]
        for number in range(count):
            board.put(f"c{number % 40}", f"{text} {number}", number / 3)
        unit.record(board)
        return Answer(200)

    await log.run(ANN, work)


async def run_snapshots(boards: Boards, seconds: float = 0.2) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(boards.log.snapshots(stop))
    await asyncio.sleep(seconds)
    stop.set()
    await task


async def snapshot_versions(boards: Boards, board_id: object) -> list[int]:
    rows = await boards.database.pools.worker.fetch(
        "SELECT originator_version AS v FROM eventlog.snapshots"
        " WHERE originator_id = $1 ORDER BY v",
        board_id,
    )
    return [row["v"] for row in rows]


async def test_a_snapshot_and_the_events_after_it_equal_a_replay(boards: Boards):
    board_id = await boards.begin()
    await put_many(boards.log, board_id, 600)
    await run_snapshots(boards)
    assert await snapshot_versions(boards, board_id) == [601]
    await put_many(boards.another(), board_id, 7)
    fast = await boards.another().load_at(ANN, Board, board_id)
    owner = await asyncpg.connect(boards.database.owner_dsn)
    await owner.execute("DELETE FROM eventlog.snapshots WHERE originator_id = $1", board_id)
    await owner.close()
    slow = await boards.another().load_at(ANN, Board, board_id)
    assert vars(fast) == vars(slow)
    assert fast.version == 608


async def test_a_past_version_ignores_newer_snapshots(boards: Boards):
    board_id = await boards.begin()
    await put_many(boards.log, board_id, 600)
    await run_snapshots(boards)
    past = await boards.another().load_at(ANN, Board, board_id, 3)
    assert (past.version, len(past.cards)) == (3, 2)


async def test_a_snapshot_is_encrypted_whole_and_useless_without_its_key(boards: Boards):
    board_id = await boards.begin()
    await put_many(boards.log, board_id, 600)
    await run_snapshots(boards)
    state = await boards.database.pools.worker.fetchval(
        "SELECT state FROM eventlog.snapshots WHERE originator_id = $1", board_id
    )
    assert bytes(state)[:1] == b"\x01"
    assert b"canary" not in bytes(state)
    await boards.keys.forget(project_id=board_id)
    await asyncio.sleep(0.1)
    board = await boards.another().load_at(ANN, Board, board_id)
    assert board.version == 601
    assert board.cards["c0"].text is None


async def test_a_snapshot_of_another_shape_is_passed_over(boards: Boards):
    board_id = await boards.begin()
    await put_many(boards.log, board_id, 600)
    await run_snapshots(boards)
    owner = await asyncpg.connect(boards.database.owner_dsn)
    await owner.execute(
        "UPDATE eventlog.snapshots SET class_version = 9, state = 'rubbish'"
        " WHERE originator_id = $1",
        board_id,
    )
    await owner.close()
    assert (await boards.another().load_at(ANN, Board, board_id)).version == 601


async def test_few_events_make_no_snapshot(boards: Boards):
    board_id = await boards.begin()
    await put_many(boards.log, board_id, 100)
    await run_snapshots(boards)
    assert await snapshot_versions(boards, board_id) == []


async def test_fifty_events_and_thirty_seconds_make_one(boards: Boards, monkeypatch: object):
    board_id = await boards.begin()
    await put_many(boards.log, board_id, 60)
    every = snapshots.EVERY_SECONDS
    snapshots.EVERY_SECONDS = 0.05  # pyright: ignore[reportPrivateUsage]
    try:
        await asyncio.sleep(0.1)
        await put(boards.log, board_id, "last")
        await run_snapshots(boards)
    finally:
        snapshots.EVERY_SECONDS = every
    assert await snapshot_versions(boards, board_id) == [62]


async def test_at_most_two_snapshots_of_an_aggregate_stay(boards: Boards):
    board_id = await boards.begin()
    for _ in range(4):
        await put_many(boards.log, board_id, 500)
        await run_snapshots(boards, 0.1)
    assert await snapshot_versions(boards, board_id) == [1501, 2001]
