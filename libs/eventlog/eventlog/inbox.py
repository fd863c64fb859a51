"""Reactions have no order of their own: each event id is handled once."""

from collections.abc import Collection
from uuid import UUID

from runtime.database import Connection

Claim = tuple[str, UUID]
"""(reaction, event id)"""


async def claim(connection: Connection, wanted: Collection[Claim]) -> set[Claim]:
    """Those of the wanted that nobody handled yet; they are this transaction's now.

    A twin in another transaction waits here until this one ends.
    """
    if not wanted:
        return set()
    ordered = sorted(set(wanted))
    rows = await connection.fetch(
        "INSERT INTO eventlog.inbox (reaction, event_id) "
        "SELECT reaction, event_id FROM unnest($1::text[], $2::uuid[]) AS new (reaction, event_id) "
        "ORDER BY reaction, event_id ON CONFLICT DO NOTHING RETURNING reaction, event_id",
        [reaction for reaction, _ in ordered],
        [event_id for _, event_id in ordered],
    )
    return {(row[0], row[1]) for row in rows}
