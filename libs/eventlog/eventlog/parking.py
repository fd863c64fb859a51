"""Where the messages of one aggregate wait, so that a hole stops nobody else."""

from collections.abc import Collection
from dataclasses import dataclass

from eventlog.gate import Gate, Reason
from eventlog.incoming import Incoming
from runtime.database import Connection, Record

ASK_AGAIN_SECONDS = 60


@dataclass(frozen=True)
class Waiting:
    """A key that waits for messages after `after` and before `before`."""

    projection: str
    subject: str
    topic: str
    after: int
    before: int


async def block(connection: Connection, gate: Gate, reason: Reason) -> None:
    """Stop this key, for a reason that is new: what was done about an earlier one is forgotten."""
    gate.reason = reason
    await connection.execute(
        "INSERT INTO eventlog.parked_key (projection, subject, reason) VALUES ($1, $2, $3) "
        "ON CONFLICT (projection, subject) DO UPDATE SET reason = excluded.reason, "
        "sought_back_at = NULL, repair_requested_at = NULL, repair_attempts = 0, "
        "parked_at = excluded.parked_at",
        gate.projection,
        gate.subject,
        reason,
    )


async def release(connection: Connection, gate: Gate) -> None:
    """Let this key go on; what was parked must have been taken before."""
    gate.reason = None
    await connection.execute(
        "DELETE FROM eventlog.parked_key WHERE projection = $1 AND subject = $2",
        gate.projection,
        gate.subject,
    )


async def park(connection: Connection, gate: Gate, incoming: Incoming) -> None:
    """Keep a message for later. The key must be blocked."""
    await connection.execute(
        "INSERT INTO eventlog.parked (projection, subject, sequence, topic, partition, "
        "kafka_offset, key, value, headers) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
        "ON CONFLICT DO NOTHING",
        gate.projection,
        gate.subject,
        incoming.sequence,
        incoming.topic,
        incoming.partition,
        incoming.offset,
        incoming.key,
        incoming.value,
        dict(incoming.headers),
    )


async def waiting_at(connection: Connection, gate: Gate, limit: int = 100) -> list[Record]:
    """The first parked messages of this key, in order; those already seen are thrown away."""
    await connection.execute(
        "DELETE FROM eventlog.parked WHERE projection = $1 AND subject = $2 AND sequence <= $3",
        gate.projection,
        gate.subject,
        gate.last,
    )
    return await connection.fetch(
        "SELECT sequence, topic, partition, kafka_offset, key, value, headers "
        "FROM eventlog.parked WHERE projection = $1 AND subject = $2 ORDER BY sequence LIMIT $3",
        gate.projection,
        gate.subject,
        limit,
    )


async def is_blocked(connection: Connection, projection: str, subjects: Collection[str]) -> bool:
    """Whether messages of one of these wait, so that what the projection says of it may be old."""
    return bool(
        await connection.fetchval(
            "SELECT true FROM eventlog.parked_key "
            "WHERE projection = $1 AND subject = ANY($2) LIMIT 1",
            projection,
            list(subjects),
        )
    )


async def seek_back_once(connection: Connection, gate: Gate) -> bool:
    """True the first time for a gap: the log is read again from further back."""
    return bool(
        await connection.fetchval(
            "UPDATE eventlog.parked_key SET sought_back_at = clock_timestamp() "
            "WHERE projection = $1 AND subject = $2 AND sought_back_at IS NULL RETURNING true",
            gate.projection,
            gate.subject,
        )
    )


async def claim_repair(connection: Connection, gate: Gate) -> int | None:
    """The first parked sequence when it is time to ask the owner, else None.

    That is at once after the log was read again, and then at growing distances up to an hour.
    """
    return await connection.fetchval(
        _CLAIM_ONE, gate.projection, gate.subject, float(ASK_AGAIN_SECONDS)
    )


async def claim_overdue(connection: Connection, settle_seconds: float) -> list[Waiting]:
    """Gaps that nothing has filled for a while, each claimed for one more request."""
    rows = await connection.fetch(_CLAIM_OVERDUE, float(ASK_AGAIN_SECONDS), settle_seconds)
    return [Waiting(*row) for row in rows]


_DUE = """(k.repair_requested_at IS NULL OR k.repair_requested_at < clock_timestamp()
       - make_interval(secs => least({0} * power(2, least(k.repair_attempts, 10) - 1), 3600)))"""

# now() is when this transaction began: a message that follows in the batch which sought back must
# not ask already.
_CLAIM_ONE = f"""
UPDATE eventlog.parked_key k
   SET repair_requested_at = clock_timestamp(), repair_attempts = repair_attempts + 1
 WHERE projection = $1 AND subject = $2 AND reason = 'gap'
   AND (sought_back_at IS NULL OR sought_back_at < now()) AND {_DUE.format("$3::float8")}
RETURNING (SELECT min(p.sequence) FROM eventlog.parked p
            WHERE p.projection = k.projection AND p.subject = k.subject)"""  # noqa: S608  # constants

_CLAIM_OVERDUE = f"""
WITH due AS (
  SELECT projection, subject FROM eventlog.parked_key k
   WHERE reason = 'gap' AND parked_at < clock_timestamp() - make_interval(secs => $2)
     AND {_DUE.format("$1::float8")}
   LIMIT 100 FOR UPDATE SKIP LOCKED),
asked AS (
  UPDATE eventlog.parked_key k
     SET repair_requested_at = clock_timestamp(), repair_attempts = repair_attempts + 1
    FROM due WHERE k.projection = due.projection AND k.subject = due.subject
  RETURNING k.projection, k.subject)
SELECT asked.projection, asked.subject, first.topic, g.last_sequence, first.sequence
  FROM asked
  JOIN eventlog.consumer_gate g USING (projection, subject)
  CROSS JOIN LATERAL (
    SELECT p.topic, p.sequence FROM eventlog.parked p
     WHERE p.projection = asked.projection AND p.subject = asked.subject
       AND p.sequence > g.last_sequence
     ORDER BY p.sequence LIMIT 1) AS first"""  # noqa: S608  # constants
