"""`feed` and `feed_head`: exports, generations and files of a person, for seven days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contracts import Envelope, MessageData, ai, media, render, topics
from contracts.identity import UserDeleted
from runtime import clock
from runtime.database import Connection

KEPT = timedelta(days=7)

# Downloads are the person's own doing, progress is lossy and has a topic of its own.
_UNTOLD = (render.ExportDownloaded.TYPE, render.ExportProgress.TYPE)


class Feed:
    """Gives each message the next position of its person, in the transaction that stores it."""

    name = "feed"
    topics = frozenset({topics.RENDER, topics.AI, topics.MEDIA, topics.IDENTITY})
    types = frozenset(
        model.TYPE
        for model in (*render.MESSAGES, *ai.MESSAGES, *media.MESSAGES, UserDeleted)
        if model.TYPE not in _UNTOLD
    )

    async def apply(self, connection: Connection, envelope: Envelope, data: MessageData) -> None:
        if isinstance(data, UserDeleted):
            await _close(connection, envelope)
        elif envelope.time > clock.now() - KEPT:
            await _append(connection, str(envelope.data["userId"]), envelope)

    async def reset(self, connection: Connection) -> None:
        # Positions go on where they were: clients resume by them.
        await connection.execute("delete from feed")


async def _append(connection: Connection, user_id: str, envelope: Envelope) -> None:
    data = {name: value for name, value in envelope.data.items() if name != "sealed"}
    await connection.execute(
        """with head as (
             insert into feed_head as h (user_id, last)
             select $1, 1 where not exists (select from feed_closed where user_id = $1)
             on conflict (user_id) do update set last = h.last + 1 returning last)
           insert into feed (user_id, position, type, subject, occurred_at, data)
           select $1, last, $2, $3, $4, $5 from head""",
        user_id,
        envelope.type,
        envelope.subject,
        envelope.time,
        data,
    )


async def _close(connection: Connection, envelope: Envelope) -> None:
    user_id = envelope.subject
    await connection.execute(
        "insert into feed_closed (user_id, closed_at) values ($1, $2) on conflict do nothing",
        user_id,
        envelope.time,
    )
    await connection.execute("delete from feed where user_id = $1", user_id)
    await connection.execute("delete from feed_head where user_id = $1", user_id)


@dataclass(frozen=True)
class FeedRow:
    position: int
    type: str
    subject: str
    occurred_at: datetime
    data: dict[str, Any]


async def feed_after(
    connection: Connection, user_id: str, position: int, limit: int
) -> list[FeedRow]:
    rows = await connection.fetch(
        """select position, type, subject, occurred_at, data from feed
            where user_id = $1 and position > $2 order by position limit $3""",
        user_id,
        position,
        limit,
    )
    return [FeedRow(**dict(row)) for row in rows]


async def feed_bounds(connection: Connection, user_id: str) -> tuple[int, int]:
    """The position before the oldest kept row, and the newest: resuming is whole between them."""
    row = await connection.fetchrow(
        """select coalesce((select last from feed_head where user_id = $1), 0) as last,
                  (select min(position) from feed where user_id = $1) as oldest""",
        user_id,
    )
    last = int(row["last"]) if row else 0
    oldest = row["oldest"] if row else None
    return (int(oldest) - 1 if oldest is not None else last), last


async def heads_of(connection: Connection, user_ids: Sequence[str]) -> dict[str, int]:
    rows = await connection.fetch(
        "select user_id, last from feed_head where user_id = any($1)", list(user_ids)
    )
    return {row["user_id"]: row["last"] for row in rows}


async def sweep(connection: Connection) -> None:
    """Remove what is older than seven days."""
    oldest = clock.now() - KEPT
    await connection.execute("delete from feed where occurred_at < $1", oldest)
    await connection.execute("delete from feed_closed where closed_at < $1", oldest)
