"""Edits of a project: any number of steps, one command, one answer (D10)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from eventlog import Answer, IdempotencyKey, Unit
from eventlog.http import etag
from projects import commands
from projects.adapters import standing
from projects.adapters.catalogue import named_format
from projects.domain.canvas_edits import CanvasEdits, canvas_ids_of
from projects.domain.events import ChangeFact
from projects.domain.freezing import media_ids, with_natural_sizes
from projects.domain.json_values import JsonObject, differences, merge
from projects.domain.project import Project
from projects.domain.refusals import Fault, Invalid, invalid
from projects.handlers.answers import edit_answer
from projects.handlers.desk import (
    Desk,
    assets_for,
    filled_in,
    new_id,
    project_of,
    template_named,
)
from runtime.context import Context

MAX_COMMANDS = 200

Shape = Callable[[CanvasEdits, JsonObject], JsonObject]


def _as_it_is(edits: CanvasEdits, body: JsonObject) -> JsonObject:
    return body


async def edit_project(
    desk: Desk,
    context: Context,
    project_id: UUID,
    steps: Sequence[commands.EditCommand],
    *,
    expected: int | None = None,
    idempotency: IdempotencyKey | None = None,
    status: int = 200,
    shape: Shape = _as_it_is,
) -> Answer:
    """All steps or none. `shape` may add to the answer what its route shows.

    Raises Unknown, NotAllowed, StaleVersion before any other refusal.
    """
    if not 1 <= len(steps) <= MAX_COMMANDS:
        raise invalid("/commands", "count", f"1 to {MAX_COMMANDS} commands, please.")

    async def work(unit: Unit) -> Answer:
        await standing.require(unit.connection, project_id, "edit")
        project = await project_of(unit, project_id)
        unit.expect(project, expected)
        formats = await desk.known_formats(unit.connection)
        edits = CanvasEdits(project, formats, new_id, context.actor)
        for place, step in enumerate(steps):
            await _placed(_Steps(unit, edits), step, place if len(steps) > 1 else None)
        unit.record(project)
        body = await edit_answer(unit, edits, context)
        return Answer(status, shape(edits, body), etag(project.version))

    return await desk.log.run(context, work, idempotency=idempotency)


async def _placed(steps: "_Steps", step: commands.EditCommand, place: int | None) -> None:
    try:
        await steps.take(step)
    except Invalid as refusal:
        if place is None:
            raise
        faults: list[Fault] = refusal.errors
        moved = [Fault(f"/commands/{place}{f.pointer}", f.code, f.message) for f in faults]
        raise Invalid(moved, refusal.detail) from refusal


class _Steps:
    """One step after the other on the same project."""

    def __init__(self, unit: Unit, edits: CanvasEdits) -> None:
        self._unit = unit
        self._edits = edits
        self._project = edits.project

    async def take(self, step: commands.EditCommand) -> None:
        edits = self._edits
        match step:
            case commands.AddElement():
                await self._add_element(step)
            case commands.EditElement():
                patch = await self._with_sizes(step.patch)
                edits.edit(str(step.element_id), patch, step.scope)
            case commands.DeleteElement():
                edits.delete(str(step.element_id), step.scope)
            case commands.ResetOverrides():
                edits.reset(str(step.element_id), step.properties)
            case commands.AddCanvas():
                await self._add_canvas(step.body)
            case commands.EditCanvas():
                edits.edit_canvas(str(step.canvas_id), stated(step.body))
            case commands.DeleteCanvas():
                edits.delete_canvas(str(step.canvas_id))
            case commands.ApplyTemplate():
                await self._apply_template(step.body)
            case commands.EditProject():
                edit_details(self._project, step.body)

    async def _add_element(self, step: commands.AddElement) -> None:
        sync_to = step.sync_to
        named = [str(one) for one in sync_to] if isinstance(sync_to, list) else sync_to
        given = await self._with_sizes(step.element)
        given = {**given, **_canonical_ids(given)}
        known = self._project.elements.get(str(given.get("id")))
        if known is not None and known.canvas_id == given.get("canvasId"):
            # The client's own id: this is the same request once more.
            self._edits.outcome.touch(known.id, known.canvas_id)
            return
        self._edits.add(given, named)

    async def _add_canvas(self, wish: commands.NewCanvas) -> None:
        canvas_id = str(wish.id or new_id())
        if any(canvas.id == canvas_id for canvas in self._project.canvases):
            self._edits.outcome.touch_canvas(canvas_id)
            return
        social_format = named_format(self._edits.formats, wish.format, "/format")
        copy_from = None if wish.copy_from is None else str(wish.copy_from)
        self._edits.add_canvas(
            social_format, canvas_id=canvas_id, name=wish.name, copy_from=copy_from
        )

    async def _apply_template(self, wish: commands.TemplateUse) -> None:
        connection = self._unit.connection
        canvas_ids = canvas_ids_of(self._project, named_canvases(wish.canvas_ids))
        template = await template_named(connection, wish.template_id)
        given = wish.placeholders or {}
        assets = await assets_for(connection, self._project.id, media_ids(given))
        values = filled_in(template, given, assets)
        self._edits.apply_template(template, canvas_ids, values, given, wish.mode, assets)

    async def _with_sizes(self, given: Mapping[str, Any]) -> JsonObject:
        assets = await assets_for(self._unit.connection, self._project.id, media_ids(given))
        return with_natural_sizes(dict(given), assets)


def named_canvases(named: list[UUID] | Literal["all"]) -> list[str] | Literal["all"]:
    return [str(one) for one in named] if isinstance(named, list) else named


def stated(body: commands.Command) -> JsonObject:
    """The members a client sent, nulls included: a merge patch."""
    return body.model_dump(mode="json", by_alias=True, exclude_unset=True)


def edit_details(project: Project, body: commands.ProjectPatch) -> None:
    """Merge-patch name, description, active canvas, customizations."""
    patch = stated(body)
    if "name" in patch and patch["name"] is None:
        raise invalid("/name", "required", "A project has a name.")
    if patch.get("activeCanvasId") is not None:
        project.canvas(patch["activeCanvasId"])
    before = {name: v for name, v in project.details.items() if v is not None}
    changed = differences(before, merge(before, patch))
    project.edit_details(
        [ChangeFact(path=path, before=old, after=new) for path, (old, new) in changed.items()]
    )


def _canonical_ids(given: Mapping[str, Any]) -> JsonObject:
    """Ids as we write them. Raises Invalid for what is no id."""
    found: JsonObject = {}
    for name in ("id", "canvasId"):
        value = given.get(name)
        if value is None:
            continue
        try:
            found[name] = str(UUID(str(value)))
        except ValueError as error:
            raise invalid(f"/{name}", "uuid", f"{name} is a UUID.") from error
    return found
