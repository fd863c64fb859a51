"""Adding, editing and deleting canvases, and putting templates on them."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from projects.domain.arrange import ENGINE
from projects.domain.canvases import configured, rejoining, strangers, taken_over
from projects.domain.catalogue_facts import FormatFacts
from projects.domain.element_edits import ElementEdits
from projects.domain.events import CanvasFact, ChangeFact
from projects.domain.freezing import with_natural_sizes
from projects.domain.json_values import JsonObject, differences, merge
from projects.domain.project import Project
from projects.domain.refusals import Conflicting, invalid
from projects.domain.state import Canvas
from projects.domain.template_layers import TemplateFacts, layers_as_elements, spread

Mode: TypeAlias = Literal["replace", "add"]


def canvas_fact(
    canvas_id: str,
    social_format: FormatFacts,
    *,
    name: str | None = None,
    is_active: bool = False,
    config: Mapping[str, Any] | None = None,
) -> CanvasFact:
    """A new canvas of a format, named after it unless told otherwise."""
    return CanvasFact(
        id=canvas_id,
        name=name or social_format.name,
        social_format_id=social_format.id,
        social_format=social_format.on_canvas,
        is_active=is_active,
        config=configured(config),
    )


class CanvasEdits(ElementEdits):
    """Edits of canvases, over those of elements."""

    def add_canvas(
        self, social_format: FormatFacts, *, canvas_id: str, name: str | None, copy_from: str | None
    ) -> None:
        """A canvas that joins every group; with `copy_from` it takes over all that stands there."""
        project, board = self.project, self.board
        project.require_room(0, canvases=1)
        if any(canvas.id == canvas_id for canvas in project.canvases):
            raise Conflicting("id_taken", f"There is a canvas {canvas_id} already.")
        config = project.canvas(copy_from).config if copy_from else None
        fact = canvas_fact(canvas_id, social_format, name=name, config=config)
        joining = taken_over(board, fact.as_canvas(), social_format, copy_from, self.new_id)
        project.require_room(len(joining))
        project.trigger_event(Project.CanvasAdded, canvas=fact, index=len(project.canvases))
        self.outcome.touch_canvas(canvas_id)
        self.join(joining)
        if joining:
            self._change_canvas(project.canvas(canvas_id), {"checkLayout": True})

    def edit_canvas(self, canvas_id: str, patch: Mapping[str, Any]) -> None:
        """Merge-patch name, order, isActive, syncEnabled, checkLayout and config."""
        canvas = self.project.canvas(canvas_id)
        wanted = merge(_editable(self.project, canvas), patch)
        if patch.get("isActive"):
            self._activate(canvas_id)
        self._change_canvas(canvas, wanted)
        if wanted["syncEnabled"] and not canvas.sync_enabled:
            self._sync_again(self.project.canvas(canvas_id))
        self.outcome.touch_canvas(canvas_id)

    def delete_canvas(self, canvas_id: str) -> None:
        """Take a canvas and its elements away; the last one stays (B08)."""
        project, canvas = self.project, self.project.canvas(canvas_id)
        if len(project.canvases) == 1:
            raise Conflicting("last_canvas", "A project keeps at least one canvas.")
        project.trigger_event(Project.CanvasDeleted, canvas_id=canvas_id)
        if canvas.is_active or project.details.get("activeCanvasId") == canvas_id:
            self._activate(project.canvases[0].id)

    def apply_template(
        self,
        template: TemplateFacts,
        canvas_ids: Sequence[str],
        values: Mapping[str, str],
        given: Mapping[str, Any],
        mode: Mode,
        assets: Mapping[str, JsonObject],
    ) -> None:
        """The template's layers on these canvases, one sync group each, laid out for each.

        `values` fill every placeholder, `given` are those that a person filled in; `assets` tell
        the natural size of media.
        """
        project = self.project
        canvases = [project.canvas(canvas_id) for canvas_id in canvas_ids]
        kept = [e for e in project.elements.values() if e.canvas_id not in canvas_ids]
        if mode == "add":
            kept = list(project.elements.values())
        tracks = max((int(e.values.get("trackIndex", 0)) for e in kept), default=-1) + 1
        above = max((int(e.values.get("zIndex", 1)) for e in kept), default=0)
        # A replaced canvas starts from the bottom, or every template would stand above the last.
        z = above if mode == "add" else 0
        layers = with_natural_sizes(
            layers_as_elements(template, values, tracks if mode == "add" else 0, z), assets
        )
        joining = spread(template, layers, canvases, self.formats, self.new_id)
        project.trigger_event(
            Project.TemplateApplied,
            template_id=template.id,
            canvas_ids=list(canvas_ids),
            mode=mode,
            placeholders=dict(given) or None,
        )
        if mode == "replace":
            self._clear(canvases, template)
        self.join(joining)

    def _clear(self, canvases: Sequence[Canvas], template: TemplateFacts) -> None:
        for canvas in canvases:
            for element in [e for e in self.project.elements.values() if e.canvas_id == canvas.id]:
                self.remove(element)
            config = {**canvas.config, **template.background}
            self._change_canvas(canvas, {"config": config})

    def _activate(self, canvas_id: str) -> None:
        project = self.project
        for canvas in list(project.canvases):
            self._change_canvas(canvas, {"isActive": canvas.id == canvas_id})
        active = project.details.get("activeCanvasId")
        if active != id:
            project.edit_details(
                [ChangeFact(path="activeCanvasId", before=active, after=canvas_id)]
            )

    def _change_canvas(self, canvas: Canvas, wanted: Mapping[str, Any]) -> None:
        before = _editable(self.project, canvas)
        changed = differences(before, {**before, **wanted})
        if not changed:
            return
        self.project.trigger_event(
            Project.CanvasEdited,
            canvas_id=canvas.id,
            changes=[
                ChangeFact(path=p, before=old, after=new) for p, (old, new) in changed.items()
            ],
        )
        self.outcome.touch_canvas(canvas.id)

    def _sync_again(self, canvas: Canvas) -> None:
        """Differences become overrides; groups made meanwhile are added (D8)."""
        board = self.board
        for element_id, overrides in rejoining(board, canvas).items():
            element = self.project.element(element_id)
            self.project.trigger_event(
                Project.ElementEdited,
                canvas_id=canvas.id,
                element_id=element_id,
                sync_group=element.sync_group,
                changes=[],
                origin=True,
                overrides=list(overrides),
                layout={"engine": ENGINE},
            )
            self.outcome.touch(element_id, canvas.id)
        present = {element.sync_group for element in board.on(canvas.id)}
        absent = [name for name in board.groups if name not in present]
        social_format = self.formats[canvas.social_format_id]
        self.join(strangers(board, canvas, social_format, absent, self.new_id))


def _editable(project: Project, canvas: Canvas) -> JsonObject:
    return {
        "name": canvas.name,
        "order": project.place_of(canvas.id),
        "isActive": canvas.is_active,
        "syncEnabled": canvas.sync_enabled,
        "checkLayout": canvas.check_layout,
        "config": canvas.config,
    }


def canvas_ids_of(project: Project, named: Sequence[str] | Literal["all"]) -> list[str]:
    """The canvases of a request, in the project's order. Raises Invalid."""
    order = [canvas.id for canvas in project.canvases]
    if named == "all":
        return order
    for place, canvas_id in enumerate(named):
        if canvas_id not in order:
            raise invalid(f"/canvasIds/{place}", "unknown", f"There is no canvas {canvas_id} here.")
    if not named:
        raise invalid("/canvasIds", "empty", "Name at least one canvas.")
    return [canvas_id for canvas_id in order if canvas_id in named]
