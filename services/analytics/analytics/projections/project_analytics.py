"""The audit trail: every change of a project as one row of the seed's `project_analytics`."""

from dataclasses import dataclass
from datetime import UTC
from typing import Any
from uuid import UUID

from analytics.projections import freshness
from contracts import Envelope, MessageData, ai, analytics, projects, render, topics
from runtime.database import Connection

NAME = "project_analytics"

INSERT = """
INSERT INTO project_analytics (id, project_id, user_id, event_type, event_data, canvas_id,
    element_id, session_id, user_agent, ip_address, created_at)
SELECT $1, $2, $3::text, $4, $5, $6, $7, $8, $9, $10, $11
WHERE NOT EXISTS (SELECT FROM forgotten_users f WHERE f.user_id = $3)
ON CONFLICT DO NOTHING
"""
KEPT_SINCE = "SELECT kept_since()"


@dataclass(frozen=True)
class Entry:
    """What one message says in the seed's words."""

    event_type: str
    project_id: UUID
    user_id: str
    action: str
    changed: tuple[str, ...] = ()
    canvas_id: UUID | None = None
    element_id: UUID | None = None
    origin: bool | None = None
    session_id: str | None = None


class ProjectAnalytics:
    """Projects' own changes, exports, generations and client activity, one row a message."""

    name = NAME
    topics = frozenset({topics.PROJECTS, topics.AI, topics.RENDER, topics.ANALYTICS})
    types = frozenset(
        model.TYPE
        for model in (
            projects.ProjectCreated,
            projects.ProjectEdited,
            projects.ProjectDeleted,
            projects.TemplateApplied,
            projects.CanvasAdded,
            projects.CanvasEdited,
            projects.CanvasDeleted,
            projects.ElementAdded,
            projects.ElementEdited,
            projects.ElementDeleted,
            projects.ExportRequested,
            projects.AiGenerationApplied,
            ai.AiTextGenerated,
            ai.AiImageGenerated,
            render.ExportStarted,
            render.ExportCompleted,
            analytics.ActivityRecorded,
        )
    )

    async def apply(self, connection: Connection, envelope: Envelope, data: MessageData) -> None:
        """Raises FromTheFuture for an event whose time cannot be."""
        freshness.refuse_future(envelope.time)
        entry = entry_of(envelope, data)
        if entry is not None and envelope.time >= await connection.fetchval(KEPT_SINCE):
            await _write(connection, envelope, entry)
        await freshness.advance(connection, NAME, envelope.time)

    async def reset(self, connection: Connection) -> None:
        await connection.execute("DELETE FROM project_analytics")
        await freshness.forget(connection, NAME)


def entry_of(envelope: Envelope, data: MessageData) -> Entry | None:
    """The trail's entry for a message: elements by their own names, exports and generations by
    theirs, every other modification as `project_saved` (D26)."""
    action = envelope.type.split(".")[1]
    actor = envelope.actor or ""
    match data:
        case ai.AiTextGenerated() | ai.AiImageGenerated():
            return Entry(action, data.project_id, data.user_id, action)
        case render.ExportStarted() | render.ExportCompleted():
            return Entry(action, data.project_id, data.user_id, action, canvas_id=data.canvas_id)
        case analytics.ActivityRecorded():
            return Entry(
                data.activity, data.project_id, data.user_id, action, session_id=data.session_id
            )
        case projects.ElementAdded():
            return _of_element("element_added", envelope, actor, data)
        case projects.ElementEdited():
            changed = tuple(change.path for change in data.changes)
            return _of_element("element_edited", envelope, actor, data, changed)
        case projects.ElementDeleted():
            return _of_element("element_edited", envelope, actor, data)
        case projects.ProjectCreated() | projects.TemplateApplied():
            return Entry(action, UUID(envelope.subject), actor, action)
        case _:
            return _saved(envelope, actor, action, data)


def _of_element(
    event_type: str,
    envelope: Envelope,
    actor: str,
    data: projects.ElementAdded | projects.ElementEdited | projects.ElementDeleted,
    changed: tuple[str, ...] = (),
) -> Entry:
    return Entry(
        event_type,
        UUID(envelope.subject),
        actor,
        envelope.type.split(".")[1],
        changed,
        data.canvas_id,
        data.element_id,
        data.origin,
    )


def _saved(envelope: Envelope, actor: str, action: str, data: MessageData) -> Entry:
    changes = (
        data.changes if isinstance(data, projects.ProjectEdited | projects.CanvasEdited) else []
    )
    canvas = getattr(data, "canvas_id", None)
    return Entry(
        "project_saved",
        UUID(envelope.subject),
        actor,
        action,
        tuple(change.path for change in changes),
        canvas if isinstance(canvas, UUID) else None,
    )


async def _write(connection: Connection, envelope: Envelope, entry: Entry) -> None:
    day = envelope.time.astimezone(UTC).date()
    await connection.fetchval("SELECT ensure_partitions($1, $1)", day)
    event_data: dict[str, Any] = {
        "type": envelope.type,
        "action": entry.action,
        "version": envelope.sequence,
        "commandNumber": envelope.commandnumber,
        "origin": entry.origin,
        "changed": list(entry.changed),
    }
    await connection.execute(
        INSERT,
        envelope.id,
        entry.project_id,
        entry.user_id,
        entry.event_type,
        {key: value for key, value in event_data.items() if value is not None},
        str(entry.canvas_id) if entry.canvas_id else None,
        str(entry.element_id) if entry.element_id else None,
        entry.session_id,
        None,
        None,
        envelope.time,
    )
