"""What an edit answers (D10): the elements touched, their canvases, the members left alone."""

from uuid import UUID

from eventlog import Unit
from projects.adapters.fold import ELEMENT_DEFAULTS
from projects.domain.canvas_edits import CanvasEdits
from projects.domain.json_values import JsonObject
from projects.domain.project import Project
from projects.domain.state import Canvas, Placed
from projects.handlers.checking import counted
from runtime import clock
from runtime.context import Context


async def edit_answer(unit: Unit, edits: CanvasEdits, context: Context) -> JsonObject:
    """`{elements, canvases, skipped, version, commandNumber}` after the steps were taken."""
    project, outcome = edits.project, edits.outcome
    touched = [project.elements[name] for name in outcome.elements if name in project.elements]
    present = {canvas.id for canvas in project.canvases}
    canvases: list[JsonObject] = []
    for canvas_id in outcome.canvases:
        if canvas_id in present:
            counts = await counted(unit.connection, project, canvas_id, edits.formats, context.now)
            canvases.append({**canvas_view(project, project.canvas(canvas_id)), **counts})
    return {
        "elements": [element_view(project.id, element, context) for element in touched],
        "canvases": canvases,
        "skipped": [one.to_json() for one in outcome.skipped],
        "version": project.version,
        "commandNumber": project.command_number,
    }


def canvas_view(project: Project, canvas: Canvas) -> JsonObject:
    """A canvas with its config and its place among the others."""
    whole = canvas.model_dump(mode="json", by_alias=True)
    return {**whole, "order": project.place_of(canvas.id)}


def element_view(project_id: UUID, element: Placed, context: Context) -> JsonObject:
    """An element in all its members, just edited by the context's actor."""
    now = clock.iso(context.now)
    created = clock.iso(element.created_at) if element.created_at else now
    edited = clock.iso(element.edited_at) if element.edited_at else now
    return {
        **ELEMENT_DEFAULTS,
        **element.to_json(),
        "projectId": str(project_id),
        "overrides": list(element.overrides),
        "createdBy": element.created_by,
        "lastEditedBy": context.actor,
        "lastEditedAt": edited,
        "createdAt": created,
        "updatedAt": edited,
    }
