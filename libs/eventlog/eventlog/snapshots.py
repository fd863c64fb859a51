"""Snapshots, written in the background by the worker, never in the way of an answer."""

import asyncio
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

from eventlog.domain import Aggregate
from eventlog.frozen import has_snapshots
from eventlog.loading import Loader
from runtime.context import ContextSigner, acting
from runtime.database import Pool

_log = logging.getLogger(__name__)

EVERY_EVENTS = 500
EVERY_SECONDS = 30.0
_WORTH_IT = 50
_REMEMBERED = 10_000
_CLEAR_EVERY_SECONDS = 3600.0

_WRITE = """
INSERT INTO eventlog.snapshots (originator_id, originator_version, topic, class_version, state)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""
# One older snapshot stays: a reader may be between choosing and reading.
_CLEAR_OLDER = """
DELETE FROM eventlog.snapshots WHERE originator_id = $1 AND originator_version < (
  SELECT min(s.originator_version) FROM (
    SELECT originator_version FROM eventlog.snapshots WHERE originator_id = $1
     ORDER BY originator_version DESC LIMIT 2) AS s)
"""
_CLEAR_ANSWERS = (
    "DELETE FROM eventlog.idempotency WHERE created_at < clock_timestamp() - interval '24 hours'"
)
_CLEAR_RAW = """
DELETE FROM eventlog.raw_messages r USING eventlog.outbox_cursor c
 WHERE c.shard = r.shard AND (r.xid, r.seq) <= (c.xid, c.seq)
   AND r.created_at < clock_timestamp() - interval '7 days'
"""


@dataclass(frozen=True)
class _Progress:
    """How far an aggregate is past its newest snapshot, and since when (monotonic seconds)."""

    kind: type[Aggregate]
    version: int
    snapshot_version: int
    since: float

    def is_due(self, now: float) -> bool:
        behind = self.version - self.snapshot_version
        return behind >= EVERY_EVENTS or (behind >= _WORTH_IT and now - self.since >= EVERY_SECONDS)


class Snapshots:
    """Notes what is written and freezes what has grown: after 500 events, or 50 and 30 seconds."""

    def __init__(self, worker: Pool, signer: ContextSigner, actor: str, loader: Loader) -> None:
        self._worker = worker
        self._signer = signer
        self._actor = actor
        self._loader = loader
        self._noted: OrderedDict[UUID, _Progress] = OrderedDict()
        self._wake = asyncio.Event()

    def note(self, aggregate: Aggregate, snapshot_version: int) -> None:
        """Called after a commit with what the command knew of the newest snapshot."""
        if not has_snapshots(type(aggregate)):
            return
        now = time.monotonic()
        known = self._noted.get(aggregate.id)
        progress = _Progress(
            type(aggregate),
            aggregate.version,
            max(snapshot_version, known.snapshot_version if known else 0),
            known.since if known else now,
        )
        self._noted[aggregate.id] = progress
        self._noted.move_to_end(aggregate.id)
        while len(self._noted) > _REMEMBERED:
            self._noted.popitem(last=False)
        if progress.is_due(now):
            self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; what is due then is written first, so that the next start is quick."""
        cleared = 0.0
        while not stop.is_set():
            await self.write_due()
            if time.monotonic() - cleared >= _CLEAR_EVERY_SECONDS:
                await self._clear()
                cleared = time.monotonic()
            await _first_of(stop, self._wake, timeout=1.0)
            self._wake.clear()
        await self.write_due()

    async def write_due(self) -> int:
        """Write every snapshot that is due now; returns how many."""
        now = time.monotonic()
        due = [(key, one) for key, one in self._noted.items() if one.is_due(now)]
        for aggregate_id, progress in due:
            try:
                await self._write(aggregate_id, progress)
            except Exception:  # a snapshot is only speed: forgotten keys and outages end its try
                _log.warning("no snapshot of %s", aggregate_id, exc_info=True)
                self._noted.pop(aggregate_id, None)
        return len(due)

    async def _write(self, aggregate_id: UUID, progress: _Progress) -> None:
        async with acting(self._worker, self._signer, self._actor) as connection:
            loaded = await self._loader.load(connection, progress.kind, aggregate_id)
        aggregate = loaded.aggregate
        state = await self._loader.to_snapshot(aggregate)
        async with self._worker.acquire() as connection, connection.transaction():
            await connection.execute(
                _WRITE,
                aggregate_id,
                aggregate.version,
                progress.kind.TOPIC,
                progress.kind.State.class_version,
                state,
            )
            await connection.execute(_CLEAR_OLDER, aggregate_id)
        self._noted[aggregate_id] = _Progress(
            progress.kind, aggregate.version, aggregate.version, time.monotonic()
        )
        _log.debug("snapshot of %s at version %d", aggregate_id, aggregate.version)

    async def _clear(self) -> None:
        async with self._worker.acquire() as connection:
            await connection.execute(_CLEAR_ANSWERS)
            await connection.execute(_CLEAR_RAW)


async def _first_of(stop: asyncio.Event, wake: asyncio.Event, timeout: float) -> None:  # noqa: ASYNC109 - a tick, not a deadline
    waiting = [asyncio.ensure_future(event.wait()) for event in (stop, wake)]
    try:
        await asyncio.wait(waiting, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()
