"""The tables `projects` and `timeline_elements`: written with each command, read by the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, cast
from uuid import UUID

from eventlog.history import Recorded
from projects.adapters.fold import ProjectRows
from projects.adapters.templates import like
from projects.adapters.views import duration_of, tracks_of
from projects.domain.json_values import JsonObject
from projects.domain.numbers import rounded
from runtime import clock
from runtime.database import Connection, Record

_PROJECT = """
insert into projects (id, name, description, template_id, canvases, active_canvas_id,
    project_data, team_id, last_edited_by, last_edited_at, ai_generations_used, updated_at, version,
    command_number, social_format_id, owner_id, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
"""
_PROJECT_CHANGE = """
update projects set name = $2, description = $3, template_id = $4, canvases = $5,
    active_canvas_id = $6, project_data = $7, team_id = $8, last_edited_by = $9,
    last_edited_at = $10, ai_generations_used = $11, updated_at = $12, version = $13,
    command_number = $14
 where id = $1
"""
_COLUMNS = """id uuid, "canvasId" text, type text, name text, "trackIndex" int,
    "startTime" numeric, duration numeric, x numeric, y numeric, width numeric, height numeric,
    rotation numeric, opacity numeric, properties jsonb, "aiGenerated" boolean,
    "aiGenerationId" uuid, "aiProvider" text, "isSynced" boolean, "syncGroup" text, "zIndex" int,
    "isLocked" boolean, "isHidden" boolean, "createdBy" text, "lastEditedBy" text,
    "lastEditedAt" timestamptz, "createdAt" timestamptz, "updatedAt" timestamptz,
    overrides jsonb, "projectId" uuid"""
_ADD = f"""
insert into timeline_elements (id, project_id, canvas_id, type, name, track_index, start_time,
    duration, x, y, width, height, rotation, opacity, properties, ai_generated, ai_generation_id,
    ai_provider, is_synced, sync_group, z_index, is_locked, is_hidden, created_by, last_edited_by,
    last_edited_at, created_at, updated_at, overrides)
select id, "projectId", "canvasId", type, name, "trackIndex", "startTime", duration, x, y, width,
    height, rotation, opacity, properties, "aiGenerated", "aiGenerationId", "aiProvider",
    "isSynced", "syncGroup", "zIndex", "isLocked", "isHidden", "createdBy", "lastEditedBy",
    "lastEditedAt", "createdAt", "updatedAt", overrides
  from jsonb_to_recordset($1::jsonb) as r ({_COLUMNS})
"""  # noqa: S608 - a constant list of columns
_CHANGE = f"""
update timeline_elements e set name = r.name, track_index = r."trackIndex",
    start_time = r."startTime", duration = r.duration, x = r.x, y = r.y, width = r.width,
    height = r.height, rotation = r.rotation, opacity = r.opacity, properties = r.properties,
    ai_generated = r."aiGenerated", ai_generation_id = r."aiGenerationId",
    ai_provider = r."aiProvider", z_index = r."zIndex", is_locked = r."isLocked",
    is_hidden = r."isHidden", last_edited_by = r."lastEditedBy",
    last_edited_at = r."lastEditedAt", updated_at = r."updatedAt", overrides = r.overrides
  from jsonb_to_recordset($1::jsonb) as r ({_COLUMNS})
 where e.id = r.id
"""  # noqa: S608 - a constant list of columns


class ProjectTables:
    """Follows every project's events in the transaction that appends them."""

    async def apply_all(self, connection: Connection, events: Sequence[Recorded]) -> None:
        ordered = sorted(events, key=lambda one: str(one.event.originator_id))
        for project_id, own in groupby(ordered, key=lambda one: one.event.originator_id):
            await _follow(connection, project_id, list(own))


async def _follow(connection: Connection, project_id: UUID, recorded: list[Recorded]) -> None:
    is_new = recorded[0].event.originator_version == 1
    rows = ProjectRows() if is_new else await load(connection, project_id)
    existed = rows.project is not None
    rows.follow(recorded)
    if rows.project is not None:
        await _save_project(connection, rows, is_new=not existed)
        await _save_elements(connection, rows)
    elif existed:
        await connection.execute("delete from projects where id = $1", project_id)
    for template_id in rows.applied:
        await connection.execute("select access.count_template_use($1, 1)", UUID(template_id))


async def load(connection: Connection, project_id: UUID) -> ProjectRows:
    """The rows as the actor of the transaction may see them. One snapshot, one round trip."""
    row = await connection.fetchrow(
        """select p.*, coalesce((select jsonb_agg(to_jsonb(e)) from timeline_elements e
             where e.project_id = p.id), '[]') as elements
             from projects p where p.id = $1""",
        project_id,
    )
    if row is None:
        return ProjectRows()
    elements = [element_of(one) for one in cast("list[JsonObject]", row["elements"])]
    return ProjectRows(project=project_of(row), elements={one["id"]: one for one in elements})


def project_of(row: Record) -> JsonObject:
    """A row of `projects` in camelCase."""
    return {
        "id": str(row["id"]),
        "name": row["name"],
        "description": row["description"],
        "templateId": _text(row["template_id"]),
        "socialFormatId": str(row["social_format_id"]),
        "canvases": row["canvases"],
        "activeCanvasId": row["active_canvas_id"],
        "projectData": row["project_data"],
        "ownerId": row["owner_id"],
        "teamId": _text(row["team_id"]),
        "status": row["status"],
        "lastEditedBy": row["last_edited_by"],
        "lastEditedAt": _moment(row["last_edited_at"]),
        "exports": row["exports"],
        "shareSettings": row["share_settings"],
        "aiGenerationsUsed": row["ai_generations_used"],
        "createdAt": _moment(row["created_at"]),
        "updatedAt": _moment(row["updated_at"]),
        "version": row["version"],
        "commandNumber": row["command_number"],
    }


def element_of(row: JsonObject) -> JsonObject:
    """A row of `timeline_elements`, as to_jsonb gives it, in camelCase."""
    shown: JsonObject = {
        "id": row["id"],
        "projectId": row["project_id"],
        "canvasId": row["canvas_id"],
        "type": row["type"],
        "name": row["name"],
        "trackIndex": row["track_index"],
        "startTime": _number(row["start_time"], 3),
        "duration": _number(row["duration"], 3),
        "x": _number(row["x"]),
        "y": _number(row["y"]),
        "width": _number(row["width"]),
        "height": _number(row["height"]),
        "rotation": _number(row["rotation"]),
        "opacity": _number(row["opacity"], 3),
        "properties": row["properties"],
        "aiGenerated": row["ai_generated"],
        "aiGenerationId": row["ai_generation_id"],
        "aiProvider": row["ai_provider"],
        "isSynced": row["is_synced"],
        "syncGroup": row["sync_group"],
        "zIndex": row["z_index"],
        "isLocked": row["is_locked"],
        "isHidden": row["is_hidden"],
        "createdBy": row["created_by"],
        "lastEditedBy": row["last_edited_by"],
        "overrides": row["overrides"],
    }
    for name in ("last_edited_at", "created_at", "updated_at"):
        shown[_CAMEL[name]] = _moment(datetime.fromisoformat(row[name]))
    return shown


_CAMEL = {
    "last_edited_at": "lastEditedAt",
    "created_at": "createdAt",
    "updated_at": "updatedAt",
}


async def _save_project(connection: Connection, rows: ProjectRows, *, is_new: bool) -> None:
    project = cast(JsonObject, rows.project)
    values = _project_values(project, list(rows.elements.values()))
    if is_new:
        begun = datetime.fromisoformat(project["createdAt"])
        fixed = (UUID(project["socialFormatId"]), project["ownerId"], begun)
        await connection.execute(_PROJECT, *values, *fixed)
        return
    await connection.execute(_PROJECT_CHANGE, *values)
    # Someone who may export but not edit is not let through to the row above.
    await connection.execute(
        "select access.note_version($1, $2, $3)",
        values[0],
        project["version"],
        project["commandNumber"],
    )


def _project_values(project: JsonObject, elements: list[JsonObject]) -> tuple[Any, ...]:
    """What both statements write, in their order."""
    timeline = {"duration": duration_of(elements), "tracks": tracks_of(elements)}
    return (
        UUID(project["id"]),
        project["name"],
        project["description"],
        _uuid(project["templateId"]),
        project["canvases"],
        project["activeCanvasId"],
        {**cast(JsonObject, project["projectData"]), "timeline": timeline},
        _uuid(project["teamId"]),
        project["lastEditedBy"],
        datetime.fromisoformat(project["lastEditedAt"]),
        project["aiGenerationsUsed"],
        datetime.fromisoformat(project["updatedAt"]),
        project["version"],
        project["commandNumber"],
    )


async def _save_elements(connection: Connection, rows: ProjectRows) -> None:
    if rows.added:
        await connection.execute(_ADD, [rows.elements[one] for one in sorted(rows.added)])
    if rows.edited - rows.added:
        changed = sorted(rows.edited - rows.added)
        await connection.execute(_CHANGE, [rows.elements[one] for one in changed])
    if rows.removed:
        await connection.execute(
            "delete from timeline_elements where id = any ($1)",
            [UUID(one) for one in rows.removed],
        )


def _number(value: Any, places: int = 2) -> float | None:
    return None if value is None else rounded(float(cast("Decimal | float", value)), places)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _uuid(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)


def _moment(value: datetime | None) -> str | None:
    return None if value is None else clock.iso(value)


@dataclass(frozen=True)
class ProjectFilter:
    """What a list asks for; `q` is looked for in name and description."""

    status: str | None = None
    team: UUID | None = None
    archived: bool | None = None
    q: str | None = None


async def listed(
    connection: Connection, wanted: ProjectFilter, limit: int, after: Sequence[str] | None
) -> list[JsonObject]:
    """The actor's projects, newest first, after a position (createdAt, id)."""
    moment, last = (datetime.fromisoformat(after[0]), UUID(after[1])) if after else (None, None)
    found = await connection.fetch(
        """select * from projects
            where ($1::text is null or status = $1)
              and ($2::uuid is null or team_id = $2)
              and ($3::boolean is null or (status = 'archived') = $3)
              and ($4::text is null or name ilike $4 or description ilike $4)
              and ($5::timestamptz is null or (created_at, id) < ($5, $6))
            order by created_at desc, id desc limit $7""",
        wanted.status,
        wanted.team,
        wanted.archived,
        None if wanted.q is None else like(wanted.q),
        moment,
        last,
        limit,
    )
    return [project_of(row) for row in found]
