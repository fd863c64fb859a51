"""The one call that appends: events, ownership and the stored answer, in one round trip."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from eventlog.domain import Refusal
from eventlog.errors import AccessDenied, ConcurrencyError
from eventlog.stored import StoredEvent
from eventlog.unit import Grant
from runtime.database import Connection

MAX_EVENTS = 10_000

_APPEND = (
    "SELECT eventlog.append_events($1::uuid[], $2::int[], $3::text[], $4::int[], $5::bytea[],"
    " $6::text[], $7, $8, $9, $10, $11, $12)"
)
_GRANT = "SELECT eventlog.grant_access($1, $2, $3, $4)"


@dataclass(frozen=True)
class AnswerRow:
    """An answer to keep under an idempotency key; `body` is encrypted."""

    key: str
    request_hash: bytes
    status: int
    etag: str | None
    wrote: str
    body: bytes


async def append(
    connection: Connection, events: Sequence[StoredEvent], answer: AnswerRow | None = None
) -> str:
    """Append inside the connection's transaction, which names its actor; returns its xid8.

    Raises ConcurrencyError when the aggregate moved on, a twin of the request was first, or the
    predecessor's transaction id is larger than this one's (then the whole transaction must be
    repeated), AccessDenied without the right to write, Refusal (422) above 10,000 events.
    """
    if len(events) > MAX_EVENTS:
        raise Refusal("too_many_events", f"One change may make {MAX_EVENTS} events at most.", 422)
    try:
        return await connection.fetchval(
            _APPEND,
            [one.originator_id for one in events],
            [one.originator_version for one in events],
            [one.topic for one in events],
            [one.class_version for one in events],
            [one.state for one in events],
            [one.metadata.to_json() for one in events],
            answer and answer.key,
            answer and answer.request_hash,
            answer and answer.status,
            answer and answer.etag,
            answer and answer.wrote,
            answer and answer.body,
        )
    except (
        asyncpg.UniqueViolationError,
        asyncpg.SerializationError,
        asyncpg.DeadlockDetectedError,
    ) as error:
        raise ConcurrencyError from error
    except asyncpg.InsufficientPrivilegeError as error:
        raise AccessDenied from error


async def write_grants(connection: Connection, grants: Sequence[Grant]) -> None:
    """Raises AccessDenied when the actor may not write the aggregate it wants to share."""
    try:
        for one in grants:
            await connection.execute(
                _GRANT, one.aggregate_id, one.actor, one.can_read, one.can_write
            )
    except asyncpg.InsufficientPrivilegeError as error:
        raise AccessDenied from error
