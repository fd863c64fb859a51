"""The event log of a service: runs commands, tells history, rebuilds any past state."""

import asyncio
import contextlib
import copy
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

import asyncpg

from eventlog.answers import (
    Answer,
    IdempotencyKey,
    StoredAnswers,
    with_wrote,
    write_wrote,
)
from eventlog.append import AnswerRow, append, write_grants
from eventlog.cache import AggregateCache
from eventlog.committing import InDoubt, Written, commit, happened, is_lost
from eventlog.domain import Aggregate, at
from eventlog.errors import ConcurrencyError, KeyReused, OutcomeUnknown
from eventlog.history import Placed, Position, Recorded, read_all, recorded
from eventlog.loading import Loader
from eventlog.mapper import Mapper
from eventlog.published import Published
from eventlog.read_models import BatchReadModel, ReadModel, apply_to
from eventlog.sealing import Sealer
from eventlog.snapshots import Snapshots
from eventlog.stored import StoredEvent
from eventlog.unit import Unit
from runtime.context import Context, ContextSigner, act_as, acting
from runtime.database import Connection, Pool, Pools

A = TypeVar("A", bound=Aggregate)
Work = Callable[[Unit], Awaitable[Answer]]
Refresh = Callable[[Answer], Awaitable[Answer]]

_ATTEMPTS = 24
_ATTEMPTS_WHEN_LOST = 3
_SEED_BATCH = 200


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class _Command:
    """A command on its way through one attempt after another."""

    pool: Pool
    actor: str
    context: Context
    work: Work
    idempotency: IdempotencyKey | None = None


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
        self._projections = tuple(projections)
        self._on_commit = on_commit
        self._mapper = Mapper(published, keys)
        self._loader = Loader(self._mapper, keys)
        self._answers = StoredAnswers(keys)
        self._cache = AggregateCache()
        self._snapshots = Snapshots(pools.worker, signer, self._own_actor, self._loader)

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
        command = _Command(self._pools.app, context.actor, context, work, idempotency)
        try:
            answer, repeated = await self._until_settled(command)
        except Exception as error:
            stored = await self._answer_of_a_twin(command, error)
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
            command = _Command(self._pools.worker, self._own_actor, context, work)
            answer, _ = await self._until_settled(command)
            return answer
        await act_as(connection, self._signer, self._own_actor)
        unit = Unit(connection, context, self._loader, None)
        answer, _ = await self._perform(unit, work, None)
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

    # How a command runs --------------------------------------------------------------------------

    async def _until_settled(self, command: _Command) -> tuple[Answer, bool]:
        lost = 0
        for attempt in range(_ATTEMPTS):
            if attempt:
                await asyncio.sleep(random.random() * min(0.1, 0.002 * 2**attempt))
            try:
                return await self._once(command)
            except (
                ConcurrencyError,
                asyncpg.SerializationError,
                asyncpg.DeadlockDetectedError,
            ):
                continue
            except Exception as error:
                lost += 1
                if not is_lost(error) or lost >= _ATTEMPTS_WHEN_LOST:
                    raise
        raise ConcurrencyError

    async def _once(self, command: _Command) -> tuple[Answer, bool]:
        """One attempt, and whether its answer was given before."""
        async with command.pool.acquire() as connection:
            unit = Unit(connection, command.context, self._loader, self._cache)
            try:
                settled = await self._attempt(command, unit)
            except BaseException:
                unit.abandon()
                raise
        written = unit.keep()
        for one in written:
            self._snapshots.note(one.aggregate, one.snapshot_version)
        if written:
            self._on_commit()
        return settled

    async def _attempt(self, command: _Command, unit: Unit) -> tuple[Answer, bool]:
        transaction = unit.connection.transaction()
        await transaction.start()
        try:
            await act_as(unit.connection, self._signer, command.actor)
            stored = await self._read_answer(unit.connection, command)
            if stored is not None:
                await transaction.rollback()
                return stored, True
            answer, written = await self._perform(unit, command.work, command.idempotency)
        except BaseException:
            with contextlib.suppress(Exception):  # a broken connection rolls back by itself
                await transaction.rollback()
            raise
        try:
            await commit(transaction)
        except InDoubt as doubt:
            if written is None:  # rows only: nothing by which to recognise them
                raise OutcomeUnknown from doubt
            if not await happened(command.pool, self._signer, command.actor, written):
                raise ConcurrencyError from doubt
        return answer, False

    async def _perform(
        self, unit: Unit, work: Work, idempotency: IdempotencyKey | None
    ) -> tuple[Answer, Written | None]:
        with at(unit.context.now):
            answer = await work(unit)
        unit.check_all_recorded()
        answer = with_wrote(answer, unit.wrote(self._service))
        facts = list(zip(unit.pending, unit.metadata(), strict=True))
        written: Written | None = None
        if facts or idempotency is not None:
            stored = [
                await self._mapper.to_stored(one.event, data, one.scope) for one, data in facts
            ]
            kept = await self._answer_row(unit, answer, idempotency)
            xid = await append(unit.connection, stored, kept)
            place = (stored[0].originator_id, stored[0].originator_version) if stored else None
            written = Written(xid, unit.context.command_id, place)
        await write_grants(unit.connection, unit.grants)
        if facts:
            events = [Recorded(one.event, data) for one, data in facts]
            await apply_to(self._projections, unit.connection, events)
        return answer, written

    async def _answer_row(
        self, unit: Unit, answer: Answer, idempotency: IdempotencyKey | None
    ) -> AnswerRow | None:
        if idempotency is None or not 200 <= answer.status < 300:
            return None
        actor = unit.context.actor
        body = await self._answers.encrypt(actor, idempotency, answer, unit.scope)
        return AnswerRow(
            idempotency.key,
            idempotency.request_hash,
            answer.status,
            answer.etag,
            write_wrote(answer.wrote),
            body,
        )

    async def _read_answer(self, connection: Connection, command: _Command) -> Answer | None:
        if command.idempotency is None:
            return None
        return await self._answers.read(connection, command.actor, command.idempotency)

    async def _answer_of_a_twin(self, command: _Command, error: Exception) -> Answer | None:
        """Asked after any failure, with a fresh view: a twin may have done the work meanwhile."""
        if command.idempotency is None or isinstance(error, KeyReused) or is_lost(error):
            return None
        async with acting(command.pool, self._signer, command.actor) as connection:
            return await self._read_answer(connection, command)

    def _reading(self, context: Context) -> contextlib.AbstractAsyncContextManager[Connection]:
        pool = self._pools.worker if context.is_service else self._pools.app
        return acting(pool, self._signer, context.actor)


def _copy(aggregate: Aggregate) -> Aggregate:
    copied = copy.copy(aggregate)
    vars(copied)["_pending_events"] = list(aggregate.pending_events)
    return copied
