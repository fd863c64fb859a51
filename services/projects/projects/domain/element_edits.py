"""Adding, editing and deleting elements, with everything that follows for their sync groups."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias, cast

from projects.domain import overrides as own
from projects.domain.arrange import ENGINE, Layout, frame_of
from projects.domain.canvases import Joining, NewId, resized
from projects.domain.catalogue_facts import FormatFacts
from projects.domain.elements import edited_values, new_values
from projects.domain.events import ChangeFact
from projects.domain.json_values import JsonObject, at
from projects.domain.outcome import Outcome
from projects.domain.project import Project
from projects.domain.properties import CROP, SOURCE
from projects.domain.refusals import Conflicting, invalid
from projects.domain.state import Board, Box, Pair, Placed
from projects.domain.sync import Edit, Scope, Skipped, plan_edit
from scene.layout.shaping import shaped

SyncTo: TypeAlias = Literal["all"] | Sequence[str] | None
_STANDING = 5.0


class ElementEdits:
    """One command's edits of a project's elements. Methods raise Refusals and record facts."""

    def __init__(
        self, project: Project, formats: Mapping[str, FormatFacts], new_id: NewId, actor: str
    ) -> None:
        self.project = project
        self.formats = formats
        self.new_id = new_id
        self.actor = actor
        self.outcome = Outcome()

    @property
    def board(self) -> Board:
        return self.project.board(self.formats)

    def add(self, given: Mapping[str, Any], sync_to: SyncTo) -> str:
        """A new element on `given.canvasId`, and its siblings on the canvases of `sync_to`."""
        canvas = self.project.canvas(str(given.get("canvasId") or ""))
        targets = self._targets(canvas.id, sync_to)
        self.project.require_room(1 + len(targets))
        element_id = str(given.get("id") or self.new_id())
        if element_id in self.project.elements:
            raise Conflicting("id_taken", f"There is an element {element_id} already.")
        stated = {name: v for name, v in given.items() if name not in ("id", "canvasId")}
        values = new_values(stated, self._defaults(canvas.id, stated))
        group = self.new_id() if sync_to is not None else None
        box = Box.of(values)
        pair = Pair(base=canvas.id, source=box, own=box) if group else None
        first = Placed(
            id=element_id, canvas_id=canvas.id, sync_group=group, values=values, pair=pair
        )
        self.join([Joining(first, origin=True), *self._siblings(first, targets)])
        return element_id

    def join(self, joining: Sequence[Joining]) -> None:
        """Record new elements in this order."""
        self.project.require_room(len(joining))
        for new in joining:
            element = new.element
            layout = {"engine": ENGINE, "pair": element.pair.to_json()} if element.pair else None
            self.project.trigger_event(
                Project.ElementAdded,
                canvas_id=element.canvas_id,
                element_id=element.id,
                sync_group=element.sync_group,
                element={**element.values, "createdBy": self.actor},
                origin=new.origin,
                layout=layout,
            )
            self.outcome.touch(element.id, element.canvas_id)

    def edit(self, element_id: str, patch: Mapping[str, Any], scope: Scope) -> None:
        """Merge-patch one element; with scope `group` its siblings follow."""
        element = self.project.element(element_id)
        after = edited_values(element, _without_old_crop(element, patch))
        self.project.require_unlocked(element, patch)
        plan = plan_edit(self.board, element, after, scope)
        for edit in plan.edits:
            self._record(edit)
        self.outcome.skipped += plan.skipped
        if not plan.edits:
            self.outcome.touch(element.id, element.canvas_id)

    def delete(self, element_id: str, scope: Scope) -> None:
        """Take an element away; with scope `group` its siblings too."""
        element = self.project.element(element_id)
        self.project.require_unlocked(element)
        board = self.board
        group = element.sync_group if scope == "group" else None
        spreads = group is not None and board.is_synced(element.canvas_id)
        self._delete(element, origin=True)
        for member in board.members(group) if group and spreads else []:
            if member.id == element_id:
                continue
            reason = self._spared(board, member)
            if reason:
                self.outcome.skipped.append(Skipped(member.id, member.canvas_id, (), reason))
            else:
                self._delete(member, origin=False)

    def reset(self, element_id: str, properties: Sequence[str] | None) -> None:
        """Re-attach overridden properties to the group."""
        element = self.project.element(element_id)
        own.group_of(self.board, element)
        self.project.require_unlocked(element)
        edit = own.reset(self.board, element, properties)
        if edit:
            self._record(edit)
        self.outcome.touch(element.id, element.canvas_id)

    def _record(self, edit: Edit) -> None:
        element = edit.element
        self.project.trigger_event(
            Project.ElementEdited,
            canvas_id=element.canvas_id,
            element_id=element.id,
            sync_group=element.sync_group,
            changes=[ChangeFact(**vars(change)) for change in edit.changes],
            origin=edit.origin,
            overrides=None if edit.overrides is None else list(edit.overrides),
            layout=edit.layout,
        )
        self.outcome.touch(element.id, element.canvas_id)

    def remove(self, element: Placed) -> None:
        """Delete one element without looking at its group or lock (its canvas is cleared)."""
        self._delete(element, origin=True)

    def _delete(self, element: Placed, origin: bool) -> None:
        self.project.trigger_event(
            Project.ElementDeleted,
            canvas_id=element.canvas_id,
            element_id=element.id,
            sync_group=element.sync_group,
            origin=origin,
        )
        self.outcome.touch_canvas(element.canvas_id)

    @staticmethod
    def _spared(board: Board, member: Placed) -> Literal["sync_off", "locked"] | None:
        if not board.is_synced(member.canvas_id):
            return "sync_off"
        return "locked" if member.is_locked and "isLocked" in member.overrides else None

    def _targets(self, canvas_id: str, sync_to: SyncTo) -> list[str]:
        if sync_to is None:
            return []
        if sync_to == "all":
            synced = [c.id for c in self.project.canvases if c.sync_enabled]
            return [other for other in synced if other != canvas_id]
        known = {canvas.id for canvas in self.project.canvases}
        for place, named in enumerate(sync_to):
            if named not in known:
                raise invalid(f"/syncTo/{place}", "unknown", f"There is no canvas {named} here.")
        return [other for other in dict.fromkeys(sync_to) if other != canvas_id]

    def _siblings(self, first: Placed, targets: Sequence[str]) -> list[Joining]:
        """Placed as the layout of the whole canvas would place it, the others where they are."""
        board = self.board
        if not targets:
            return []
        there = board.format_of(first.canvas_id)
        shown = [*board.on(first.canvas_id), first]
        layout = Layout(frame_of(there), [element.to_json() for element in shown])
        joining: list[Joining] = []
        for target in targets:
            social_format = board.format_of(target)
            box = layout.on(frame_of(social_format)).get(first.id, first.box)
            area = (
                social_format.width * social_format.height / (there.width * there.height)
            ) ** 0.5
            sibling = Placed(
                id=self.new_id(),
                canvas_id=target,
                sync_group=first.sync_group,
                values=resized(first.values, first.box, box, area),
                pair=Pair(base=first.canvas_id, source=first.box, own=box),
            )
            joining.append(Joining(sibling))
        return joining

    def _defaults(self, canvas_id: str, given: Mapping[str, Any]) -> JsonObject:
        """Where and when an element stands for which the client did not say so."""
        values = self.project.elements.values()
        tracks = [int(e.values.get("trackIndex", 0)) for e in values]
        on_canvas = [int(e.values.get("zIndex", 1)) for e in values if e.canvas_id == canvas_id]
        found: JsonObject = {
            "name": str(given.get("type") or "element").replace("-", " ").capitalize(),
            "trackIndex": max(tracks, default=-1) + 1,
            "zIndex": max(on_canvas, default=0) + 1,
            "duration": self.project.duration or _STANDING,
        }
        if given.get("type") in ("audio", "transition"):
            return found
        return {**found, **self._default_box(canvas_id, given)}

    def _default_box(self, canvas_id: str, given: Mapping[str, Any]) -> JsonObject:
        social_format = self.formats[self.project.canvas(canvas_id).social_format_id]
        if given.get("type") == "background":
            width, height = float(social_format.width), float(social_format.height)
        else:
            width = float(given.get("width") or social_format.width * 0.6)
            height = float(given.get("height") or self._text_height(given, width) or width)
        return {
            "width": width,
            "height": height,
            "x": (social_format.width - width) / 2,
            "y": (social_format.height - height) / 2,
        }

    @staticmethod
    def _text_height(given: Mapping[str, Any], width: float) -> float | None:
        found = at(given, "properties.text")
        text = cast(JsonObject, found) if isinstance(found, dict) else {}
        if not isinstance(text.get("content"), str):
            return None
        try:
            return shaped(text, float(text.get("fontSize") or 48), width)[1]
        except ValueError:  # an ill-formed text: judged, with pointers, when its values are
            return None


def _without_old_crop(element: Placed, patch: Mapping[str, Any]) -> Mapping[str, Any]:
    """Another picture is shown whole: the crop belonged to the one before."""
    source = at(patch, SOURCE)
    if source is None or source == at(element.values, SOURCE) or at(patch, CROP) is not None:
        return patch
    properties = cast(JsonObject, patch["properties"])
    media = {**cast(JsonObject, properties["media"]), "cropData": None}
    return {**patch, "properties": {**properties, "media": media}}
