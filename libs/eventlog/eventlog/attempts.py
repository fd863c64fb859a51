"""Bringing a batch through: again after a pause, then handler by handler, then in halves."""

import logging
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import Protocol

from eventlog.backoff import Backoff
from eventlog.incoming import Incoming
from eventlog.outcome import HandlerFailed, Outcome
from eventlog.transient import is_transient

_log = logging.getLogger(__name__)

TRIES = 3
_TRANSIENT_TRIES = 8


class Transact(Protocol):
    """One transaction over a batch; `isolate_after` as for `Delivery.deliver`."""

    def __call__(self, batch: Sequence[Incoming], isolate_after: int, /) -> Awaitable[Outcome]: ...


async def bring_through(transact: Transact, batch: Sequence[Incoming]) -> Outcome:
    """Run the batch until it is committed, poison set aside.

    A batch that fails is tried `TRIES` times with growing pauses. Then each handler runs in a
    savepoint, so that one pass finds every message that raises. What fails even so, at the commit,
    is found by halving. Raises the last error when the database stays away.
    """
    backoff = Backoff(first=0.05, most=1.0)
    for attempt in range(1, TRIES + 1):
        try:
            return await _past_transients(transact, batch, 0)
        except Exception as error:
            if is_transient(error):
                raise
            _log.warning("attempt %d of a batch of %d: %s", attempt, len(batch), _reason(error))
            if attempt < TRIES:
                await backoff.pause()
    return await _isolate(transact, batch)


async def _isolate(transact: Transact, batch: Sequence[Incoming]) -> Outcome:
    try:
        return await _past_transients(transact, batch, TRIES)
    except Exception as error:
        if is_transient(error):
            raise
        if len(batch) == 1:
            # Nothing but this message is left to blame: everyone who uses it gets a dead letter.
            condemned = replace(batch[0], data=None, fault=f"at commit: {_reason(error)}")
            return await _past_transients(transact, [condemned], TRIES)
    middle = len(batch) // 2
    outcome = await _isolate(transact, batch[:middle])
    outcome.add(await _isolate(transact, batch[middle:]))
    return outcome


async def _past_transients(
    transact: Transact, batch: Sequence[Incoming], isolate_after: int
) -> Outcome:
    backoff = Backoff(first=0.05, most=2.0)
    for attempt in range(1, _TRANSIENT_TRIES + 1):
        try:
            return await transact(batch, isolate_after)
        except Exception as error:
            if not is_transient(error) or attempt == _TRANSIENT_TRIES:
                raise
            _log.info("passing trouble, attempt %d: %s", attempt, _reason(error))
            await backoff.pause()
    raise AssertionError("unreachable")


def _reason(error: BaseException) -> str:
    cause = error.__cause__ if isinstance(error, HandlerFailed) and error.__cause__ else error
    return f"{type(cause).__name__}: {cause}"
