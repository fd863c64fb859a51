"""A new project: canvases from formats, and a template's layers on them."""

from typing import Any
from uuid import UUID

from eventlog import AggregateNotFound, Answer, IdempotencyKey, Recorded, Unit
from eventlog.http import etag
from projects.adapters import views
from projects.adapters.catalogue import named_format
from projects.adapters.fold import ProjectRows
from projects.commands import NewProject
from projects.domain.canvas_edits import CanvasEdits, canvas_fact
from projects.domain.catalogue_facts import FormatFacts
from projects.domain.freezing import media_ids
from projects.domain.json_values import JsonObject
from projects.domain.project import Project
from projects.domain.refusals import Conflicting, invalid
from projects.domain.template_layers import TemplateFacts
from projects.handlers.desk import Desk, assets_for, filled_in, new_id, template_named
from runtime import ids
from runtime.context import Context


async def create_project(
    desk: Desk, context: Context, wish: NewProject, idempotency: IdempotencyKey | None
) -> Answer:
    """201 with the whole document. An own id that exists already makes repeating harmless."""

    async def work(unit: Unit) -> Answer:
        known = await desk.known_formats(unit.connection)
        wanted = [
            named_format(known, name, f"/formats/{place}")
            for place, name in enumerate(wish.formats)
        ]
        await _require_team(unit, wish.team_id)
        project_id = wish.id or ids.uuid7()
        await _require_new(unit, project_id, wish)
        template = await _template(unit, wish)
        project = Project.begin(project_id, **_members(wish, wanted, template, context.actor))
        if template is not None:
            edits = CanvasEdits(project, known, new_id, context.actor)
            await _apply(unit, edits, template, wish)
        unit.record(project)
        return Answer(201, _document(unit), etag(project.version))

    return await desk.log.run(context, work, idempotency=idempotency)


async def _template(unit: Unit, wish: NewProject) -> TemplateFacts | None:
    if wish.template_id is None:
        if wish.placeholders:
            raise invalid("/placeholders", "no_template", "Placeholders belong to a template.")
        return None
    return await template_named(unit.connection, wish.template_id)


async def _apply(unit: Unit, edits: CanvasEdits, template: TemplateFacts, wish: NewProject) -> None:
    given = wish.placeholders or {}
    assets = await assets_for(unit.connection, None, media_ids(given))
    values = filled_in(template, given, assets)
    canvas_ids = [canvas.id for canvas in edits.project.canvases]
    edits.apply_template(template, canvas_ids, values, given, "replace", assets)


def _members(
    wish: NewProject, wanted: list[FormatFacts], template: TemplateFacts | None, owner: str
) -> dict[str, Any]:
    config = template.background if template else None
    canvases = [
        canvas_fact(new_id(), one, name=name, is_active=place == 0, config=config)
        for place, (one, name) in enumerate(zip(wanted, _names(wanted), strict=True))
    ]
    stated = wish.customizations.model_dump(by_alias=True) if wish.customizations else {}
    return {
        "name": wish.name,
        "description": wish.description,
        "owner_id": owner,
        "team_id": str(wish.team_id) if wish.team_id else None,
        "template_id": template.id if template else None,
        "social_format_id": wanted[0].id,
        "canvases": canvases,
        "active_canvas_id": canvases[0].id,
        "customizations": {
            name: stated.get(name) or [] for name in ("colors", "fonts", "brandAssets")
        },
    }


def _names(wanted: list[FormatFacts]) -> list[str]:
    """The formats' names, numbered where one comes twice."""
    seen: dict[str, int] = {}
    names: list[str] = []
    for one in wanted:
        seen[one.name] = seen.get(one.name, 0) + 1
        names.append(one.name if seen[one.name] == 1 else f"{one.name} {seen[one.name]}")
    return names


async def _require_team(unit: Unit, team_id: UUID | None) -> None:
    if team_id is None:
        return
    mine = await unit.connection.fetchval("select access.my_teams()")
    if team_id not in mine:
        raise invalid("/teamId", "unknown_team", "You are in no such team.")


async def _require_new(unit: Unit, project_id: UUID, wish: NewProject) -> None:
    if wish.id is None:
        return
    try:
        await unit.load(Project, project_id)
    except AggregateNotFound:
        return
    raise Conflicting("id_taken", f"There is a project {project_id} already.")


def _document(unit: Unit) -> JsonObject:
    pairs = zip(unit.pending, unit.metadata(), strict=True)
    rows = ProjectRows().follow(Recorded(one.event, data) for one, data in pairs)
    return views.document(rows.project or {}, list(rows.elements.values()))
