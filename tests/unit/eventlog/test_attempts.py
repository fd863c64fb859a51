"""How a batch is brought through, with a transaction that fails as each case says."""

from collections.abc import Callable, Sequence
from uuid import uuid4

import asyncpg
import pytest

from contracts import Envelope
from eventlog.attempts import TRIES, bring_through
from eventlog.backoff import Backoff
from eventlog.incoming import Incoming
from eventlog.outcome import HandlerFailed, Outcome
from runtime import clock


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(self: Backoff, stop: object = None) -> None:
        return None

    monkeypatch.setattr(Backoff, "pause", at_once)


def incoming(offset: int) -> Incoming:
    envelope = Envelope(id=uuid4(), type="t", source="s", subject="x", time=clock.now(), data={})
    return Incoming("topic", 0, offset, None, b"", envelope=envelope)


Fails = Callable[[Sequence[Incoming], int], Exception | None]


class Commits:
    """Keeps what was committed; raises as long as `fails` says so."""

    def __init__(self, fails: Fails) -> None:
        self.fails = fails
        self.calls: list[tuple[list[int], int]] = []
        self.committed: list[Incoming] = []

    async def __call__(self, batch: Sequence[Incoming], isolate_after: int) -> Outcome:
        self.calls.append(([one.offset for one in batch], isolate_after))
        error = self.fails(batch, isolate_after)
        if error is not None:
            raise error
        self.committed.extend(batch)
        outcome = Outcome()
        for one in batch:
            outcome.note("journal", "applied", one)
        return outcome


async def test_a_handler_that_keeps_raising_is_tried_three_times_and_then_isolated() -> None:
    batch = [incoming(offset) for offset in range(4)]

    def fails(batch: Sequence[Incoming], isolate_after: int) -> Exception | None:
        return None if isolate_after else HandlerFailed("journal", batch[0])

    commits = Commits(fails)
    outcome = await bring_through(commits, batch)
    assert [isolate_after for _, isolate_after in commits.calls] == [0] * TRIES + [TRIES]
    assert outcome.count("applied") == 4


async def test_what_fails_at_the_commit_is_found_by_halving_and_the_rest_is_committed() -> None:
    batch = [incoming(offset) for offset in range(8)]

    def fails(batch: Sequence[Incoming], isolate_after: int) -> Exception | None:
        bad = any(one.offset == 5 and one.fault is None for one in batch)
        return asyncpg.ForeignKeyViolationError("late") if bad else None

    commits = Commits(fails)
    await bring_through(commits, batch)
    assert [one.offset for one in commits.committed] == list(range(8))
    (condemned,) = [one for one in commits.committed if one.fault]
    assert condemned.offset == 5
    assert condemned.fault == "at commit: ForeignKeyViolationError: late"


async def test_trouble_that_passes_costs_no_message_its_life() -> None:
    left = [asyncpg.SerializationError("again"), ConnectionResetError(), TimeoutError()]

    def fails(batch: Sequence[Incoming], isolate_after: int) -> Exception | None:
        return left.pop() if left else None

    commits = Commits(fails)
    outcome = await bring_through(commits, [incoming(0)])
    assert outcome.count("applied") == 1
    assert {isolate_after for _, isolate_after in commits.calls} == {0}


async def test_a_database_that_stays_away_is_no_reason_to_bury_anything() -> None:
    def fails(batch: Sequence[Incoming], isolate_after: int) -> Exception | None:
        return ConnectionRefusedError()

    commits = Commits(fails)
    with pytest.raises(ConnectionRefusedError):
        await bring_through(commits, [incoming(0)])
    assert commits.committed == []
    assert {isolate_after for _, isolate_after in commits.calls} == {0}
