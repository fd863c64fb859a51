"""Reading the audit trail: rows, and a daily series of one project."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from runtime.database import Connection

PAGE = """
SELECT id, project_id, user_id, event_type, event_data, canvas_id, element_id, session_id,
    created_at
FROM project_analytics
WHERE project_id = $1
    AND ($2::text IS NULL OR event_type = $2)
    AND ($3::text IS NULL OR user_id = $3)
    AND ($4::text IS NULL OR canvas_id = $4)
    AND ($5::timestamptz IS NULL OR created_at >= $5)
    AND ($6::timestamptz IS NULL OR created_at < $6)
    AND ($7::timestamptz IS NULL OR (created_at, id) < ($7, $8::uuid))
ORDER BY created_at DESC, id DESC LIMIT $9
"""
SERIES = """
SELECT (created_at AT TIME ZONE 'UTC')::date AS day, event_type, count(*) AS events
FROM project_analytics WHERE project_id = $1 AND created_at >= $2
GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True)
class TrailRow:
    id: UUID
    project_id: UUID
    user_id: str
    event_type: str
    event_data: dict[str, Any] | None
    canvas_id: str | None
    element_id: str | None
    session_id: str | None
    created_at: datetime


@dataclass(frozen=True)
class DayCount:
    day: date
    event_type: str
    events: int


@dataclass(frozen=True)
class Filter:
    """What of a project's trail; times are half open: from ≤ row < to."""

    event_type: str | None = None
    user_id: str | None = None
    canvas_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def page(
    connection: Connection,
    project_id: UUID,
    wanted: Filter,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[TrailRow]:
    time, last_id = after or (None, None)
    rows = await connection.fetch(
        PAGE,
        project_id,
        wanted.event_type,
        wanted.user_id,
        wanted.canvas_id,
        wanted.since,
        wanted.until,
        time,
        last_id,
        limit,
    )
    return [TrailRow(**dict(row)) for row in rows]


async def series(connection: Connection, project_id: UUID, since: datetime) -> list[DayCount]:
    rows = await connection.fetch(SERIES, project_id, since)
    return [DayCount(**dict(row)) for row in rows]
