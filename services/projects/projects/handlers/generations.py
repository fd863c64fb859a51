"""Writing a generation's result into an element, as the person who asked for it (D19)."""

from dataclasses import dataclass
from uuid import UUID

from eventlog import Answer, Unit
from projects.adapters import standing
from projects.domain.canvas_edits import CanvasEdits
from projects.domain.json_values import JsonObject
from projects.domain.project import Project
from projects.domain.refusals import Conflicting, Invalid
from projects.handlers.desk import Desk, assets_for, new_id, project_of


@dataclass(frozen=True)
class GenerationResult:
    """A text, or a picture in the media library. `media_id` a UUID."""

    generation_id: str
    project_id: UUID
    user_id: str
    provider: str
    element_id: str
    text: str | None = None
    media_id: str | None = None


async def apply_generation(desk: Desk, unit: Unit, result: GenerationResult) -> Answer:
    """Edit the element and its group. Raises a Refusal when the rules do not allow it."""
    rights = await standing.standing_of(unit.connection, result.project_id, result.user_id)
    rights.require("edit")
    project = await project_of(unit, result.project_id)
    formats = await desk.known_formats(unit.connection)
    edits = CanvasEdits(project, formats, new_id, result.user_id)
    element = project.element(result.element_id)
    content = await _content(unit, result, element.type)
    mark: JsonObject = {"aiGenerated": True, "aiGenerationId": result.generation_id}
    patch = {"properties": content, **mark, "aiProvider": result.provider}
    edits.edit(element.id, patch, "group")
    project.trigger_event(
        Project.AiGenerationApplied,
        generation_id=result.generation_id,
        canvas_id=element.canvas_id,
        element_id=element.id,
    )
    unit.record(project)
    return Answer(200)


async def refuse_generation(unit: Unit, result: GenerationResult, reason: str) -> Answer:
    """Say that it was not applied, and why. Raises Unknown where there is no project to say it."""
    project = await project_of(unit, result.project_id)
    project.trigger_event(
        Project.AiGenerationApplyRefused,
        generation_id=result.generation_id,
        element_id=result.element_id,
        reason=reason,
    )
    unit.record(project)
    return Answer(200)


async def _content(unit: Unit, result: GenerationResult, kind: str) -> JsonObject:
    if result.text is not None:
        if kind not in ("text", "ai-text"):
            raise Conflicting("wrong_type", f"A text cannot be put into an element of type {kind}.")
        return {"text": {"content": result.text}}
    if result.media_id is None:
        raise Invalid([], "The generation has no result.")
    if kind not in ("image", "ai-image", "background", "sticker"):
        raise Conflicting("wrong_type", f"A picture cannot be put into an element of type {kind}.")
    assets = await assets_for(unit.connection, result.project_id, {result.media_id})
    asset = assets.get(result.media_id, {})
    source: JsonObject = {"src": f"media:{result.media_id}"}
    sizes = {"naturalWidth": asset.get("width"), "naturalHeight": asset.get("height")}
    return {"media": {**source, **sizes}, "shape": None}
