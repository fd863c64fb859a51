"""Up to which event time a projection has seen the log: the `asOf` of every answer."""

from datetime import datetime, timedelta

from runtime import clock
from runtime.database import Connection

ADVANCE = """
INSERT INTO projection_freshness (projection, as_of) VALUES ($1, $2)
ON CONFLICT (projection) DO UPDATE SET as_of = excluded.as_of
WHERE projection_freshness.as_of < excluded.as_of
"""


FURTHEST_FUTURE = timedelta(minutes=5)


class FromTheFuture(ValueError):
    """An event's time lies more than five minutes ahead: a broken clock, not a fact."""


def refuse_future(time: datetime) -> None:
    """Raises FromTheFuture."""
    if time > clock.now() + FURTHEST_FUTURE:
        raise FromTheFuture(f"the event's time {time.isoformat()} lies in the future")


async def advance(connection: Connection, projection: str, time: datetime) -> None:
    await connection.execute(ADVANCE, projection, time)


async def as_of(connection: Connection, projection: str) -> datetime | None:
    value: datetime | None = await connection.fetchval(
        "SELECT as_of FROM projection_freshness WHERE projection = $1", projection
    )
    return value


async def forget(connection: Connection, projection: str) -> None:
    await connection.execute("DELETE FROM projection_freshness WHERE projection = $1", projection)
