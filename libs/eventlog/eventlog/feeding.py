"""Who feeds a projection: the live consumer, or a rebuild that catches up with it."""

from collections.abc import Iterable

from eventlog import offsets
from eventlog.consuming import Projection
from runtime.database import Connection

_LOCKS = 0x6D63_6664  # first key of this module's advisory locks
_SWITCH = 1

Feed = tuple[str, str]
"""(projection, topic)"""


async def enter(connection: Connection, group: str, projections: Iterable[Projection]) -> None:
    """Enter this group's projections, and take out those that are gone.

    One that is new to a topic which the group has read before must be rebuilt: the messages before
    the group's position are no longer coming.
    """
    known = list(projections)
    await connection.execute(
        "DELETE FROM eventlog.consumer_projection WHERE consumer = $1 AND NOT (name = ANY($2))",
        group,
        [projection.name for projection in known],
    )
    for projection in known:
        for topic in projection.topics:
            live = not await offsets.has_any(connection, group, topic)
            await connection.execute(
                "INSERT INTO eventlog.consumer_projection (name, topic, consumer, live) "
                "VALUES ($1, $2, $3, $4) ON CONFLICT (name, topic) "
                "DO UPDATE SET consumer = excluded.consumer",
                projection.name,
                topic,
                group,
                live,
            )


async def live_feeds(connection: Connection, group: str) -> set[Feed]:
    """What the live consumer feeds; no switch happens until this transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock_shared($1, $2)", _LOCKS, _SWITCH)
    rows = await connection.fetch(
        "SELECT name, topic FROM eventlog.consumer_projection WHERE consumer = $1 AND live", group
    )
    return {(row[0], row[1]) for row in rows}


async def hold_switch(connection: Connection) -> None:
    """Wait for the live consumer's batches and keep the next ones out until the commit."""
    await connection.execute("SELECT pg_advisory_xact_lock($1, $2)", _LOCKS, _SWITCH)


async def set_live(connection: Connection, projection: str, live: bool) -> None:
    """To be called while holding the switch."""
    await connection.execute(
        "UPDATE eventlog.consumer_projection SET live = $2, changed_at = clock_timestamp() "
        "WHERE name = $1",
        projection,
        live,
    )


async def to_rebuild(connection: Connection, group: str) -> list[str]:
    """Projections that the live consumer does not feed."""
    rows = await connection.fetch(
        "SELECT DISTINCT name FROM eventlog.consumer_projection "
        "WHERE consumer = $1 AND NOT live ORDER BY name",
        group,
    )
    return [row[0] for row in rows]


async def try_own(connection: Connection, projection: str) -> bool:
    """Whether this connection may rebuild the projection: one at a time, until it lets go."""
    return bool(
        await connection.fetchval(
            "SELECT pg_try_advisory_lock($1, hashtext($2))", _LOCKS, projection
        )
    )


async def let_go(connection: Connection, projection: str) -> None:
    await connection.execute("SELECT pg_advisory_unlock($1, hashtext($2))", _LOCKS, projection)
