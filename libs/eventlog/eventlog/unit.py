"""One command's transaction: what it loads, records and grants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast
from uuid import UUID

from eventlog.cache import AggregateCache, Kept, Loan
from eventlog.domain import Aggregate, DomainEvent, KeyScope
from eventlog.errors import AggregateNotFound, StaleVersion, UnrecordedEvents
from eventlog.loading import Loader
from eventlog.raw_messages import enqueue
from eventlog.stored import Metadata
from runtime.context import Context
from runtime.database import Connection

A = TypeVar("A", bound=Aggregate)


@dataclass(frozen=True)
class Pending:
    """An event on its way into the log, with the key that seals it."""

    event: DomainEvent
    command_number: int
    scope: KeyScope | None


@dataclass(frozen=True)
class Grant:
    aggregate_id: UUID
    actor: str
    can_read: bool
    can_write: bool


class Unit:
    """Handed to a command's work. Rows written on `connection` commit together with the events."""

    def __init__(
        self, connection: Connection, context: Context, loader: Loader, cache: AggregateCache | None
    ) -> None:
        self.connection = connection
        self.context = context
        self._loader = loader
        self._cache = cache
        self._loans: dict[UUID, Loan] = {}
        self._loaded: dict[UUID, Kept] = {}
        self._recorded: dict[UUID, Aggregate] = {}
        self.pending: list[Pending] = []
        self.grants: list[Grant] = []

    async def load(self, kind: type[A], id: UUID) -> A:  # noqa: A002 - the word of the domain
        """The aggregate as it is now. Raises AggregateNotFound, also without the right to read.

        Loading twice gives the same object.
        """
        known = self._loaded.get(id)
        if known is None:
            known = self._loaded[id] = await self._load(kind, id)
        if not isinstance(known.aggregate, kind):
            raise AggregateNotFound(id)
        return known.aggregate

    async def _load(self, kind: type[A], aggregate_id: UUID) -> Kept:
        if self._cache is not None:
            loan = self._loans[aggregate_id] = await self._cache.take(aggregate_id)
            if loan.kept is not None and isinstance(loan.kept.aggregate, kind):
                cached = loan.kept.aggregate
                fresh = await self._loader.refresh(self.connection, kind, cached)
                return Kept(fresh, loan.kept.snapshot_version)
        loaded = await self._loader.load(self.connection, kind, aggregate_id)
        return Kept(loaded.aggregate, loaded.snapshot_version)

    def expect(self, aggregate: Aggregate, version: int | None) -> None:
        """Raises StaleVersion when If-Match named another version; None expects nothing."""
        if version is not None and aggregate.version != version:
            raise StaleVersion(aggregate.version)

    def record(self, *aggregates: Aggregate) -> None:
        """Take the aggregates' new events into this transaction, in this order.

        The first new events of an aggregate in a unit count as one command on it.
        """
        for aggregate in aggregates:
            events = cast("Sequence[DomainEvent]", aggregate.collect_events())
            if not events:
                continue
            if aggregate.id not in self._recorded:
                aggregate.command_number += 1
                self._recorded[aggregate.id] = aggregate
            scope = aggregate.key_scope
            self.pending += [Pending(event, aggregate.command_number, scope) for event in events]

    def grant(self, aggregate_id: UUID, actor: str, *, read: bool, write: bool) -> None:
        """Let `actor` (or `*`, everyone) load or write an aggregate; both False takes it away.

        Written after the events, so it may name an aggregate that begins here.
        """
        self.grants.append(Grant(aggregate_id, actor, read, write))

    async def enqueue(
        self, destination: str, key: bytes, value: bytes, headers: Mapping[str, str] | None = None
    ) -> None:
        """A raw message for the relay (dead letters, repair). Only the worker role may."""
        await enqueue(self.connection, destination, key, value, headers)

    @property
    def scope(self) -> KeyScope | None:
        """The key of the first aggregate written that has one."""
        return next((one.scope for one in self.pending if one.scope is not None), None)

    def metadata(self) -> list[Metadata]:
        """One for each pending event; an aggregate's last event here is its command's last."""
        final = {one.event.originator_id: one.event.originator_version for one in self.pending}
        return [
            Metadata(
                actor=self.context.actor,
                command_id=self.context.command_id,
                command_number=one.command_number,
                last=final[one.event.originator_id] == one.event.originator_version,
                occurred_at=one.event.timestamp,
                correlation_id=self.context.correlation_id,
                causation_id=self.context.causation_id,
                traceparent=self.context.traceparent,
            )
            for one in self.pending
        ]

    def wrote(self, service: str) -> tuple[tuple[str, int], ...]:
        """What was written, as (`<service>/<id>`, version)."""
        return tuple((f"{service}/{one.id}", one.version) for one in self._recorded.values())

    def check_all_recorded(self) -> None:
        """Raises UnrecordedEvents for a change that would be lost without a word."""
        known = [kept.aggregate for kept in self._loaded.values()]
        for aggregate in (*known, *self._recorded.values()):
            if aggregate.pending_events:
                raise UnrecordedEvents(f"{aggregate.TOPIC} {aggregate.id}")

    def keep(self) -> list[Kept]:
        """After the commit: aggregates go back to the cache. Returns those that were written."""
        kept = {
            one.id: Kept(one, self._snapshot_version(one.id)) for one in self._recorded.values()
        }
        if self._cache is not None:
            for aggregate_id, loan in self._loans.items():
                self._cache.give_back(loan, kept.get(aggregate_id, self._loaded.get(aggregate_id)))
            for aggregate_id, one in kept.items():
                if aggregate_id not in self._loans:
                    self._cache.keep(one)
        self._loans = {}
        return list(kept.values())

    def _snapshot_version(self, aggregate_id: UUID) -> int:
        loaded = self._loaded.get(aggregate_id)
        return 0 if loaded is None else loaded.snapshot_version

    def abandon(self) -> None:
        """After a failure: whatever was lent may be changed, so it is dropped."""
        if self._cache is not None:
            for loan in self._loans.values():
                self._cache.give_back(loan, None)
        self._loans = {}
