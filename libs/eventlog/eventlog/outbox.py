"""What is still to be published: events and raw messages behind each shard's cursor."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eventlog.kafka import TopicPartition
from eventlog.message import MAX_MESSAGE_BYTES, message_bytes, message_key
from eventlog.published import Published
from eventlog.stored import StoredEvent
from runtime.database import Connection

Position = tuple[str, int]
"""(transaction id as text, sequence): where a shard's cursor stands."""


@dataclass(frozen=True)
class Outgoing:
    """One message for the broker. `cursor` is where its shard stood when it was read."""

    shard: int
    cursor: Position
    position: Position
    topic: str
    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]]


class Unpublishable(Exception):
    """A row that the broker would never take; its shard waits for a person."""


async def read(connection: Connection, shards: Sequence[int], per_shard: int) -> list[Any]:
    """The next rows of these shards, each shard in its order, below the snapshot horizon."""
    return await connection.fetch(_READ, list(shards), per_shard)


def outgoing(service: str, row: Any, published: Published) -> Outgoing:
    """The message of a row. Raises Unpublishable."""
    cursor, position = (row["cursor_xid"], row["cursor_seq"]), (row["xid"], row["seq"])
    if row["destination"] is not None:
        topic, key, value = row["destination"], bytes(row["key"]), bytes(row["value"])
        headers = [(name, text.encode()) for name, text in row["headers"].items()]
    else:
        stored = StoredEvent.from_row(row)
        try:
            topic = published.of(stored.topic).destination
        except LookupError as error:
            raise Unpublishable(str(error)) from error
        key, value = message_key(stored), message_bytes(service, stored, published)
        trace = stored.metadata.traceparent
        headers = [("traceparent", trace.encode())] if trace else []
    if len(value) > MAX_MESSAGE_BYTES:
        raise Unpublishable(f"{len(value)} bytes for {topic}")
    headers.append(("content-type", b"application/cloudevents+json"))
    return Outgoing(row["shard"], cursor, position, topic, key, value, headers)


async def advance(
    connection: Connection,
    messages: Iterable[Outgoing],
    acked: Mapping[TopicPartition, int],
) -> None:
    """Move the cursors behind these messages and keep the highest offsets.

    A cursor that someone set back meanwhile stays where it is: its rows are read again.
    """
    last: dict[int, Outgoing] = {message.shard: message for message in messages}
    ends = list(last.values())
    places = sorted(acked)
    async with connection.transaction():
        await connection.execute(
            _ADVANCE,
            list(last),
            [end.cursor[0] for end in ends],
            [end.cursor[1] for end in ends],
            [end.position[0] for end in ends],
            [end.position[1] for end in ends],
        )
        await connection.execute(
            _KEEP,
            [place.topic for place in places],
            [place.partition for place in places],
            [acked[place] for place in places],
        )


async def rewind_to_start(connection: Connection) -> None:
    """Publish everything again: the event table is the outbox, so nothing is too old."""
    await connection.execute(
        "UPDATE eventlog.outbox_cursor SET xid = '0', seq = 0, updated_at = clock_timestamp()"
    )


async def rewind_by(connection: Connection, minutes: int) -> None:
    """Publish again what was written in the last minutes."""
    await connection.execute(_REWIND, minutes)


async def waiting(connection: Connection) -> int:
    """How many rows no broker has acknowledged yet; counts at most 10,000 a shard."""
    return int(await connection.fetchval(_WAITING))


async def forget_old_raw_messages(connection: Connection, days: int) -> None:
    """Delete published raw messages older than this; events stay for good."""
    await connection.execute(_FORGET, days)


_READ = """
SELECT c.shard, c.xid::text AS cursor_xid, c.seq AS cursor_seq, o.xid::text AS xid, o.seq,
       o.originator_id, o.originator_version, o.topic, o.class_version, o.state, o.metadata,
       o.destination, o.key, o.value, o.headers
  FROM eventlog.outbox_cursor c
  CROSS JOIN LATERAL (
    SELECT * FROM eventlog.outbox o
     WHERE o.shard = c.shard AND (o.xid, o.seq) > (c.xid, c.seq)
       AND o.xid < pg_snapshot_xmin(pg_current_snapshot())
     ORDER BY o.xid, o.seq LIMIT $2) o
 WHERE c.shard = ANY($1::smallint[])"""

_ADVANCE = """
UPDATE eventlog.outbox_cursor c
   SET xid = new.xid::xid8, seq = new.seq, updated_at = clock_timestamp()
  FROM unnest($1::smallint[], $2::text[], $3::bigint[], $4::text[], $5::bigint[])
    AS new (shard, old_xid, old_seq, xid, seq)
 WHERE c.shard = new.shard AND (c.xid, c.seq) = (new.old_xid::xid8, new.old_seq)"""

_KEEP = """
INSERT INTO eventlog.relay_partition AS p (topic, partition, acked_offset)
SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[])
ON CONFLICT (topic, partition)
DO UPDATE SET acked_offset = greatest(p.acked_offset, excluded.acked_offset)"""

# Backwards along the index to the first row that is old enough, with room for a slow transaction.
_REWIND = """
UPDATE eventlog.outbox_cursor c
   SET (xid, seq) = (
         SELECT coalesce(old.xid, '0'::xid8), coalesce(old.seq, 0)
           FROM (SELECT 1) AS always
           LEFT JOIN LATERAL (
             SELECT e.xid, e.seq FROM eventlog.events e
              WHERE e.shard = c.shard AND (e.xid, e.seq) <= (c.xid, c.seq)
                AND e.created_at < clock_timestamp() - make_interval(mins => $1)
              ORDER BY e.xid DESC, e.seq DESC LIMIT 1) AS old ON true),
       updated_at = clock_timestamp()"""

_WAITING = """
SELECT coalesce(sum(n), 0) FROM eventlog.outbox_cursor c
  CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM (
      SELECT FROM eventlog.outbox o
       WHERE o.shard = c.shard AND (o.xid, o.seq) > (c.xid, c.seq) LIMIT 10000) AS row) AS ahead"""

_FORGET = """
DELETE FROM eventlog.raw_messages r
 USING eventlog.outbox_cursor c
 WHERE c.shard = r.shard AND (r.xid, r.seq) <= (c.xid, c.seq)
   AND r.created_at < clock_timestamp() - make_interval(days => $1)"""
