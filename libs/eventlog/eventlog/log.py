"""The event log of a service: runs commands, tells history, rebuilds any past state."""

import asyncio
import contextlib
import copy
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar
from uuid import UUID

from eventlog.answers import Answer, IdempotencyKey, StoredAnswers
from eventlog.cache import Kept
from eventlog.domain import Aggregate
from eventlog.history import Placed, Position, Recorded, read_all, recorded
from eventlog.loading import Loader
from eventlog.mapper import Mapper
from eventlog.performing import Performer, Work
from eventlog.published import Published
from eventlog.read_models import BatchReadModel, ReadModel
from eventlog.running import Command, Runner
from eventlog.sealing import Sealer
from eventlog.snapshots import Snapshots
from eventlog.stored import StoredEvent
from eventlog.unit import Unit
from runtime.context import Context, ContextSigner, act_as, acting
from runtime.database import Connection, Pools

A = TypeVar("A", bound=Aggregate)
Refresh = Callable[[Answer], Awaitable[Answer]]

_SEED_BATCH = 200


def _nothing() -> None:
    pass


class EventLog:
    """Everything a service does with its events.

    `keys` seals, `published` says what may be stored and how it is published, `projections` are the
    service's own read models, `on_commit` wakes the relay.
    """

    def __init__(
        self,
        *,
        service: str,
        pools: Pools,
        signer: ContextSigner,
        keys: Sealer,
        published: Published,
        projections: Sequence[ReadModel | BatchReadModel] = (),
        on_commit: Callable[[], None] = _nothing,
    ) -> None:
        self._service = service
        self._pools = pools
        self._signer = signer
        self._on_commit = on_commit
        self._mapper = Mapper(published, keys)
        self._loader = Loader(self._mapper, keys)
        self._snapshots = Snapshots(pools.worker, signer, self._own_actor, self._loader)
        answers = StoredAnswers(keys)
        self._performer = Performer(service, self._mapper, answers, projections)
        self._runner = Runner(signer, self._loader, answers, self._performer, self._committed)

    @property
    def _own_actor(self) -> str:
        return f"service:{self._service}"

    async def run(
        self,
        context: Context,
        work: Work,
        *,
        idempotency: IdempotencyKey | None = None,
        refresh: Refresh | None = None,
    ) -> Answer:
        """Run one command as the person in `context`, in one transaction.

        `work` loads, asks and records; it may run several times, so it does nothing outside its
        unit. A repeated request with the same idempotency key gets the first answer (`refresh` may
        sign its URLs again), also when the first one is just being committed, and also when `work`
        now refuses because the first one did its job.

        Raises what `work` raises, KeyReused (422), AccessDenied (403), ConcurrencyError (503).
        """
        if context.is_service:
            return await self.run_as_service(context, work)
        command = Command(self._pools.app, context.actor, context, work, idempotency)
        try:
            answer, repeated = await self._runner.run(command)
        except Exception as error:
            stored = await self._runner.answer_of_a_twin(command, error)
            if stored is None:
                raise
            answer, repeated = stored, True
        return await refresh(answer) if repeated and refresh is not None else answer

    async def run_as_service(
        self, context: Context, work: Work, connection: Connection | None = None
    ) -> Answer:
        """Run a command with the service's own rights; events name the actor of `context`.

        With `connection` it takes part in that transaction, a consumer's: nothing is retried here,
        and ConcurrencyError means that the whole transaction has to be repeated.
        """
        if connection is None:
            command = Command(self._pools.worker, self._own_actor, context, work)
            answer, _ = await self._runner.run(command)
            return answer
        await act_as(connection, self._signer, self._own_actor)
        unit = Unit(connection, context, self._loader, None)
        answer, _ = await self._performer.perform(unit, work, None)
        return answer

    async def history(
        self, context: Context, aggregate_id: UUID, after: int = 0, limit: int = 200
    ) -> list[Recorded]:
        """An aggregate's events after version `after`; empty without the right to read."""
        async with self._reading(context) as connection:
            rows = await connection.fetch(
                "SELECT * FROM eventlog.history_events($1, $2, $3)", aggregate_id, after, limit
            )
        stored = [StoredEvent.from_row(row, aggregate_id) for row in rows]
        return [await recorded(self._mapper, one) for one in stored]

    async def load_at(
        self, context: Context, kind: type[A], aggregate_id: UUID, version: int | None = None
    ) -> A:
        """The aggregate as it was at a version, or is now: a copy of one's own, not for commands.

        Raises AggregateNotFound.
        """
        async with self._reading(context) as connection:
            loaded = await self._loader.load(connection, kind, aggregate_id, version)
        return loaded.aggregate

    async def read_all(self, after: Position = Position(), limit: int = 500) -> list[Placed]:
        """All events of this service in their total order, as the worker."""
        async with self._pools.worker.acquire() as connection:
            return await read_all(connection, after, limit)

    async def seed(self, context: Context, aggregates: Sequence[Aggregate]) -> int:
        """Create shipped aggregates that are not there yet; returns how many were new."""
        created = 0
        for start in range(0, len(aggregates), _SEED_BATCH):
            part = aggregates[start : start + _SEED_BATCH]

            async def work(unit: Unit, part: Sequence[Aggregate] = part) -> Answer:
                rows = await unit.connection.fetch(
                    "SELECT originator_id FROM eventlog.events"
                    " WHERE originator_version = 1 AND originator_id = ANY ($1)",
                    [one.id for one in part],
                )
                known = {UUID(str(row["originator_id"])) for row in rows}
                # Recording drains an aggregate, and this may run again: so copies are recorded.
                unit.record(*(_copy(one) for one in part if one.id not in known))
                return Answer(200, body=len(part) - len(known))

            answer = await self.run_as_service(context, work)
            created += answer.body
        return created

    async def snapshots(self, stop: asyncio.Event) -> None:
        """A task of the service: writes snapshots in the background and clears old answers."""
        await self._snapshots.run(stop)

    def _committed(self, written: Sequence[Kept]) -> None:
        for one in written:
            self._snapshots.note(one.aggregate, one.snapshot_version)
        if written:
            self._on_commit()

    def _reading(self, context: Context) -> contextlib.AbstractAsyncContextManager[Connection]:
        pool = self._pools.worker if context.is_service else self._pools.app
        return acting(pool, self._signer, context.actor)


def _copy(aggregate: Aggregate) -> Aggregate:
    copied = copy.copy(aggregate)
    vars(copied)["_pending_events"] = list(aggregate.pending_events)
    return copied
