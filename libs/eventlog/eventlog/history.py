"""Reading the log as it was written: one aggregate's history, and everything in order."""

from collections.abc import Sequence
from dataclasses import dataclass

from eventlog.domain import DomainEvent
from eventlog.mapper import Mapper
from eventlog.stored import Metadata, Row, StoredEvent
from runtime.database import Connection

_ALL = """
SELECT e.xid::text AS position, e.seq, e.originator_id, e.originator_version, e.topic,
       e.class_version, e.state, e.metadata
  FROM eventlog.events e
 WHERE (e.xid, e.seq) > ($1::text::xid8, $2) AND e.xid < pg_snapshot_xmin(pg_current_snapshot())
 ORDER BY e.xid, e.seq LIMIT $3
"""


@dataclass(frozen=True)
class Recorded:
    """An event with who, why and when."""

    event: DomainEvent
    metadata: Metadata


@dataclass(frozen=True, order=True)
class Position:
    """A place in the total order of one database: transaction, then place within it."""

    xid: int = 0
    seq: int = 0


@dataclass(frozen=True)
class Placed:
    position: Position
    stored: StoredEvent


async def recorded(mapper: Mapper, stored: StoredEvent) -> Recorded:
    return Recorded(await mapper.to_event(stored), stored.metadata)


async def read_all(connection: Connection, after: Position, limit: int) -> list[Placed]:
    """Every aggregate's events after a position, as the worker; an empty list means: all read.

    Nothing can appear behind a position that was read: rows of transactions that are still open
    lie at or above the horizon.
    """
    rows: Sequence[Row] = await connection.fetch(_ALL, str(after.xid), after.seq, limit)
    return [
        Placed(Position(int(row["position"]), row["seq"]), StoredEvent.from_row(row))
        for row in rows
    ]
