"""Messages that cannot be applied: kept whole, with the reason, until someone decides."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from contracts.topics import dead_letters_of
from eventlog.incoming import Incoming
from eventlog.raw_messages import enqueue
from runtime.database import Connection

Resolution = Literal["retried", "dropped", "rebuilt"]

ANYONE = "*"
"""The consumer's name on a letter whose envelope nobody could read."""

_REASON_LENGTH = 4_000


@dataclass(frozen=True)
class DeadLetter:
    """One message that one projection or reaction (`consumer`) could not apply.

    `attempts` counts the times it was tried in all; an open letter has no `resolution`.
    """

    id: UUID
    consumer: str
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    headers: dict[str, str]
    event_id: UUID | None
    type: str | None
    subject: str | None
    sequence: int | None
    reason: str
    attempts: int
    created_at: datetime
    resolution: Resolution | None


async def write(
    connection: Connection, consumer: str, incoming: Incoming, reason: str, attempts: int
) -> bool:
    """Keep the message and send a copy to `<topic>.dlq`. False when it was kept before."""
    reason = reason[:_REASON_LENGTH].replace("\x00", "")
    written = await connection.fetchval(
        _INSERT,
        consumer,
        incoming.topic,
        incoming.partition,
        incoming.offset,
        incoming.key,
        incoming.value,
        dict(incoming.headers),
        incoming.event_id,
        incoming.type,
        incoming.subject,
        incoming.sequence,
        reason,
        attempts,
    )
    if not written:
        return False
    headers = {
        "reason": reason,
        "consumer": consumer,
        "topic": incoming.topic,
        "partition": str(incoming.partition),
        "offset": str(incoming.offset),
    }
    key = incoming.key or (incoming.subject or "").encode()
    await enqueue(connection, dead_letters_of(incoming.topic), key, incoming.value, headers)
    return True


async def open_letters(
    connection: Connection, consumer: str | None = None, limit: int = 100
) -> list[DeadLetter]:
    """Letters that wait for a decision, oldest first; of one consumer or of all."""
    rows = await connection.fetch(
        _LETTERS + "WHERE resolution IS NULL AND ($1::text IS NULL OR projection = $1) "
        "ORDER BY created_at, id LIMIT $2",
        consumer,
        limit,
    )
    return [_letter(row) for row in rows]


async def lock_letter(connection: Connection, letter_id: UUID) -> DeadLetter:
    """The letter, locked until the transaction ends. Raises LookupError when there is no such."""
    row = await connection.fetchrow(_LETTERS + "WHERE id = $1 FOR UPDATE", letter_id)
    if row is None:
        raise LookupError(f"no dead letter {letter_id}")
    return _letter(row)


async def failed_again(connection: Connection, letter_id: UUID, reason: str) -> None:
    await connection.execute(
        "UPDATE eventlog.dead_letter SET reason = $2, attempts = attempts + 1 WHERE id = $1",
        letter_id,
        reason[:_REASON_LENGTH].replace("\x00", ""),
    )


async def resolve(connection: Connection, letter_id: UUID, resolution: Resolution, by: str) -> None:
    await connection.execute(
        "UPDATE eventlog.dead_letter SET resolution = $2, resolved_by = $3, "
        "resolved_at = clock_timestamp() WHERE id = $1",
        letter_id,
        resolution,
        by,
    )


async def close_for_rebuild(connection: Connection, projection: str) -> None:
    """Close a projection's open letters: the rebuild meets their messages again."""
    await connection.execute(
        "UPDATE eventlog.dead_letter SET resolution = 'rebuilt', resolved_at = clock_timestamp() "
        "WHERE projection = $1 AND resolution IS NULL",
        projection,
    )


async def was_dropped(connection: Connection, consumer: str, incoming: Incoming) -> bool:
    """Whether someone decided before that this consumer goes on without this message."""
    return bool(
        await connection.fetchval(
            "SELECT true FROM eventlog.dead_letter "
            "WHERE projection = $1 AND event_id = $2 AND resolution = 'dropped' LIMIT 1",
            consumer,
            incoming.event_id,
        )
    )


def _letter(row: Any) -> DeadLetter:
    return DeadLetter(*row)


_LETTERS = (
    "SELECT id, projection, topic, partition, kafka_offset, key, value, headers, event_id, type, "
    "subject, sequence, reason, attempts, created_at, resolution FROM eventlog.dead_letter "
)

_INSERT = """
INSERT INTO eventlog.dead_letter (projection, topic, partition, kafka_offset, key, value, headers,
                                  event_id, type, subject, sequence, reason, attempts)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT DO NOTHING
RETURNING true"""
