"""From rows to an aggregate: newest usable snapshot, then the events after it."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from eventlog.domain import Aggregate
from eventlog.errors import AggregateNotFound
from eventlog.frozen import freeze, has_snapshots, thaw
from eventlog.mapper import Mapper
from eventlog.sealing import Sealer
from eventlog.stored import Row, StoredEvent
from runtime.database import Connection

A = TypeVar("A", bound=Aggregate)

_EVENTS = "SELECT * FROM eventlog.load_events($1, $2, $3)"
_SNAPSHOT_AND_EVENTS = """
WITH snapshot AS MATERIALIZED (SELECT * FROM eventlog.load_snapshot($1, $2, $3, $4))
SELECT true AS is_snapshot, originator_version, topic, class_version, state, NULL::jsonb AS metadata
  FROM snapshot
UNION ALL
SELECT false, e.originator_version, e.topic, e.class_version, e.state, e.metadata
  FROM eventlog.load_events($1, coalesce((SELECT originator_version FROM snapshot), 0), $4) AS e
"""


@dataclass(frozen=True)
class Loaded(Generic[A]):
    """An aggregate, and the version of the snapshot it started from (0: none)."""

    aggregate: A
    snapshot_version: int


class Loader:
    """Rebuilds aggregates on a connection whose transaction names its actor."""

    def __init__(self, mapper: Mapper, sealer: Sealer) -> None:
        self._mapper = mapper
        self._sealer = sealer

    async def load(
        self, connection: Connection, kind: type[A], aggregate_id: UUID, upto: int | None = None
    ) -> Loaded[A]:
        """As of version `upto`, or the newest. One round trip. Raises AggregateNotFound."""
        if has_snapshots(kind):
            rows = await connection.fetch(
                _SNAPSHOT_AND_EVENTS, aggregate_id, kind.TOPIC, kind.State.class_version, upto
            )
            if rows and rows[0]["is_snapshot"]:
                start = await self._thaw(kind, aggregate_id, rows[0])
                if start is not None:
                    whole = await self._replay(kind, aggregate_id, start, rows[1:])
                    return Loaded(whole, rows[0]["originator_version"])
                rows = await connection.fetch(_EVENTS, aggregate_id, 0, upto)
        else:
            rows = await connection.fetch(_EVENTS, aggregate_id, 0, upto)
        return Loaded(await self._replay(kind, aggregate_id, None, rows), 0)

    async def refresh(self, connection: Connection, kind: type[A], aggregate: A) -> A:
        """Bring a cached aggregate up to now. Raises AggregateNotFound when it may not be read.

        Reads from its own last event on, so that an empty answer tells a lost right from no news.
        """
        rows = await connection.fetch(_EVENTS, aggregate.id, aggregate.version - 1, None)
        if not rows:
            raise AggregateNotFound(aggregate.id)
        return await self._replay(kind, aggregate.id, aggregate, rows[1:])

    async def _replay(
        self, kind: type[A], aggregate_id: UUID, start: A | None, rows: Sequence[Row]
    ) -> A:
        aggregate = start
        for row in rows:
            stored = StoredEvent.from_row(row, aggregate_id)
            event: Any = await self._mapper.to_event(stored)
            aggregate = event.mutate(aggregate)
            if aggregate is not None:
                aggregate.command_number = stored.metadata.command_number
        if not isinstance(aggregate, kind):
            raise AggregateNotFound(aggregate_id)
        return aggregate

    async def _thaw(self, kind: type[A], aggregate_id: UUID, row: Row) -> A | None:
        version = row["originator_version"]
        sealed, body = bytes(row["state"][:1]), bytes(row["state"][1:])
        if sealed == b"\x01":
            plain = await self._sealer.decrypt(body, _aad(aggregate_id, version, kind.TOPIC))
            if plain is None:  # the key is forgotten: the events still tell their open part
                return None
            body = plain
        return thaw(kind, aggregate_id, version, zlib.decompress(body))

    async def to_snapshot(self, aggregate: Aggregate) -> bytes:
        """What the column `state` of a snapshot holds, encrypted whole where there is a key."""
        body = zlib.compress(freeze(aggregate), 6)
        scope = aggregate.key_scope
        if scope is None:
            return b"\x00" + body
        aad = _aad(aggregate.id, aggregate.version, aggregate.TOPIC)
        return b"\x01" + await self._sealer.encrypt(body, aad, scope)


def _aad(aggregate_id: UUID, version: int, topic: str) -> bytes:
    return f"{aggregate_id}|{version}|{topic}".encode()
