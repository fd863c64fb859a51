"""The connection breaks around a commit: the command is neither lost nor done twice."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from asyncpg.transaction import Transaction

from eventlog.answers import Answer
from eventlog.errors import OutcomeUnknown
from eventlog.unit import Unit
from runtime.context import Context
from runtime.ids import uuid7
from tests.support.board import Board
from tests.support.board_log import Boards, make_boards
from tests.support.parts import DatabaseFactory


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def boards(database: DatabaseFactory) -> Boards:
    return await make_boards(database, pool_size=6)


class Breaks:
    """Breaks the connection at the first commit, after or before the server has done it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, committed: bool, delay: float = 0.0):
        self.times = 0
        real = Transaction.commit
        breaks = self

        async def commit(self: Transaction) -> None:
            if breaks.times:
                return await real(self)
            breaks.times += 1
            connection: Any = self._connection  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType, reportAttributeAccessIssue]  # how a test reaches the socket
            if committed:
                await real(self)
            elif delay:
                asyncio.get_running_loop().call_later(delay, connection.terminate)
            else:
                connection.terminate()
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle")

        monkeypatch.setattr(Transaction, "commit", commit)


def beginning(board_id: UUID, runs: list[int]):
    async def work(unit: Unit) -> Answer:
        runs.append(1)
        unit.record(Board(id=board_id))
        return Answer(201)

    return work


def putting(board_id: UUID, runs: list[int]):
    async def work(unit: Unit) -> Answer:
        runs.append(1)
        board = await unit.load(Board, board_id)
        board.put(f"c{len(runs)}")
        unit.record(board)
        return Answer(200, {"version": board.version})

    return work


async def test_a_commit_that_happened_is_not_repeated(
    boards: Boards, monkeypatch: pytest.MonkeyPatch
):
    board_id = await boards.begin()
    runs: list[int] = []
    Breaks(monkeypatch, committed=True)
    answer = await boards.log.run(Context.for_actor("ann"), putting(board_id, runs))
    assert (answer.body, len(runs)) == ({"version": 2}, 1)
    assert (await boards.put(board_id, "next")).body == {"cards": 2}


async def test_a_commit_that_did_not_happen_is_repeated(
    boards: Boards, monkeypatch: pytest.MonkeyPatch
):
    board_id = await boards.begin()
    runs: list[int] = []
    Breaks(monkeypatch, committed=False)
    answer = await boards.log.run(Context.for_actor("ann"), putting(board_id, runs))
    assert (answer.body, len(runs)) == ({"version": 2}, 2)


async def test_a_commit_still_under_way_is_waited_for(
    boards: Boards, monkeypatch: pytest.MonkeyPatch
):
    board_id, runs = uuid7(), list[int]()
    Breaks(monkeypatch, committed=False, delay=0.5)
    await boards.log.run(Context.for_actor("ann"), beginning(board_id, runs))
    assert len(runs) == 2
    history = await boards.log.history(Context.for_actor("ann"), board_id)
    assert len(history) == 1


async def test_a_lost_commit_without_events_is_told_as_unknown_and_not_repeated(
    boards: Boards, monkeypatch: pytest.MonkeyPatch
):
    runs: list[int] = []

    async def work(unit: Unit) -> Answer:
        runs.append(1)
        return Answer(200)

    Breaks(monkeypatch, committed=True)
    with pytest.raises(OutcomeUnknown):
        await boards.log.run(Context.for_actor("ann"), work)
    assert len(runs) == 1


async def test_a_connection_killed_by_the_server_before_the_commit_is_replaced(boards: Boards):
    board_id = await boards.begin()
    runs: list[int] = []

    async def work(unit: Unit) -> Answer:
        runs.append(1)
        if len(runs) == 1:
            backend = await unit.connection.fetchval("SELECT pg_backend_pid()")
            owner = await asyncpg.connect(boards.database.owner_dsn)
            await owner.close()
            await kill(boards, backend)
        return await putting(board_id, [])(unit)

    answer = await boards.log.run(Context.for_actor("ann"), work)
    assert (answer.body, len(runs)) == ({"version": 2}, 2)


async def kill(boards: Boards, backend: int) -> None:
    """As the same login, which may end its own sessions."""
    async with boards.database.pools.app.acquire() as connection:
        await connection.execute("SELECT pg_terminate_backend($1)", backend)
