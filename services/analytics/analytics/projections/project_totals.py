"""What happened in a project, in one row of sums; commands and events are counted apart (D26)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from analytics.projections import freshness
from contracts import Envelope, MessageData, ai, analytics, projects, render, topics
from runtime.database import Connection

NAME = "project_totals"

ADD = """
INSERT INTO project_totals AS t (project_id, owner_id, commands, events, elements_added,
    elements_edited, elements_deleted, templates_applied, ai_texts, ai_images, exports_requested,
    exports_started, exports_completed, exports_failed, export_bytes, export_millis,
    first_event_at, last_event_at)
VALUES ($1,
    (SELECT $2::text WHERE NOT EXISTS (SELECT FROM forgotten_users f WHERE f.user_id = $2)),
    $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17)
ON CONFLICT (project_id) DO UPDATE SET
    owner_id = coalesce(excluded.owner_id, t.owner_id),
    commands = t.commands + excluded.commands,
    events = t.events + excluded.events,
    elements_added = t.elements_added + excluded.elements_added,
    elements_edited = t.elements_edited + excluded.elements_edited,
    elements_deleted = t.elements_deleted + excluded.elements_deleted,
    templates_applied = t.templates_applied + excluded.templates_applied,
    ai_texts = t.ai_texts + excluded.ai_texts,
    ai_images = t.ai_images + excluded.ai_images,
    exports_requested = t.exports_requested + excluded.exports_requested,
    exports_started = t.exports_started + excluded.exports_started,
    exports_completed = t.exports_completed + excluded.exports_completed,
    exports_failed = t.exports_failed + excluded.exports_failed,
    export_bytes = t.export_bytes + excluded.export_bytes,
    export_millis = t.export_millis + excluded.export_millis,
    first_event_at = least(t.first_event_at, excluded.first_event_at),
    last_event_at = greatest(t.last_event_at, excluded.last_event_at)
"""

READ = """
SELECT owner_id, commands, events, elements_added, elements_edited, elements_deleted,
    templates_applied, ai_texts, ai_images, exports_requested, exports_started,
    exports_completed, exports_failed, export_bytes, export_millis, first_event_at, last_event_at
FROM project_totals WHERE project_id = $1
"""


@dataclass(frozen=True)
class Sums:
    """What one message adds. Bytes and milliseconds are those of finished exports."""

    elements_added: int = 0
    elements_edited: int = 0
    elements_deleted: int = 0
    templates_applied: int = 0
    ai_texts: int = 0
    ai_images: int = 0
    exports_requested: int = 0
    exports_started: int = 0
    exports_completed: int = 0
    exports_failed: int = 0
    export_bytes: int = 0
    export_millis: int = 0


_PROJECT = frozenset(
    model.TYPE
    for model in projects.MESSAGES
    if model
    not in (
        projects.FormatAdded,
        projects.FormatChanged,
        projects.CategoryAdded,
        projects.TemplateSaved,
    )
)
_ELSEWHERE = frozenset(
    model.TYPE
    for model in (
        ai.AiTextGenerated,
        ai.AiImageGenerated,
        render.ExportStarted,
        render.ExportCompleted,
        render.ExportFailed,
        analytics.ActivityRecorded,
    )
)


class ProjectTotals:
    """One row a project, from the messages of four services."""

    name = NAME
    topics = frozenset({topics.PROJECTS, topics.AI, topics.RENDER, topics.ANALYTICS})
    types = _PROJECT | _ELSEWHERE

    async def apply(self, connection: Connection, envelope: Envelope, data: MessageData) -> None:
        """Raises FromTheFuture for an event whose time cannot be."""
        freshness.refuse_future(envelope.time)
        own = envelope.type in _PROJECT
        project_id = UUID(envelope.subject) if own else getattr(data, "project_id", None)
        if isinstance(project_id, UUID):
            sums = sums_of(data)
            await connection.execute(
                ADD,
                project_id,
                data.owner_id if isinstance(data, projects.ProjectCreated) else None,
                1 if own and envelope.last else 0,
                1,
                *(getattr(sums, name) for name in Sums.__dataclass_fields__),
                envelope.time,
            )
        await freshness.advance(connection, NAME, envelope.time)

    async def reset(self, connection: Connection) -> None:
        await connection.execute("DELETE FROM project_totals")
        await freshness.forget(connection, NAME)


def sums_of(data: MessageData) -> Sums:
    match data:
        case projects.ElementAdded():
            return Sums(elements_added=1)
        case projects.ElementEdited():
            return Sums(elements_edited=1)
        case projects.ElementDeleted():
            return Sums(elements_deleted=1)
        case projects.TemplateApplied():
            return Sums(templates_applied=1)
        case projects.ExportRequested():
            return Sums(exports_requested=1)
        case ai.AiTextGenerated():
            return Sums(ai_texts=1)
        case ai.AiImageGenerated():
            return Sums(ai_images=1)
        case render.ExportStarted():
            return Sums(exports_started=1)
        case render.ExportFailed():
            return Sums(exports_failed=1)
        case render.ExportCompleted():
            return Sums(
                exports_completed=1,
                export_bytes=data.file_size,
                export_millis=data.processing_time,
            )
        case _:
            return Sums()


async def of_project(
    connection: Connection, project_id: UUID
) -> tuple[dict[str, Any] | None, datetime | None]:
    """The project's sums as the caller may see them, and the time up to which they count."""
    row = await connection.fetchrow(READ, project_id)
    return (dict(row) if row else None), await freshness.as_of(connection, NAME)
