"""One edit and what it means for the rest of its sync group (D7, D8): plans, no facts yet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from projects.domain.arrange import ENGINE
from projects.domain.follow import Moved, follow, typed
from projects.domain.json_values import JsonObject, at, differences, put_all
from projects.domain.numbers import rounded
from projects.domain.pairs import led_values, length_factor, pairs_led_by
from projects.domain.properties import (
    BOX,
    CROP,
    FONT_SIZE,
    GEOMETRY,
    SOURCE,
    TIMING,
    changes_extent,
    is_scaled,
    scaled,
)
from projects.domain.state import Board, Group, Placed

Scope: TypeAlias = Literal["group", "canvas"]


@dataclass(frozen=True)
class Change:
    """One property's old and new value; `derived` marks output of the layout engine (D11)."""

    path: str
    before: Any
    after: Any
    derived: bool = False

    def to_json(self) -> JsonObject:
        return {
            "path": self.path,
            "before": self.before,
            "after": self.after,
            "derived": self.derived,
        }


@dataclass(frozen=True)
class Skipped:
    """A member, or some of its properties, that a group edit left alone, and why."""

    element_id: str
    canvas_id: str
    paths: tuple[str, ...]
    reason: Literal["overridden", "locked", "sync_off", "overlap"]

    def to_json(self) -> JsonObject:
        return {
            "elementId": self.element_id,
            "canvasId": self.canvas_id,
            "paths": list(self.paths),
            "reason": self.reason,
        }


@dataclass(frozen=True)
class Edit:
    """What happens to one element. `overrides` None: they stay as they are."""

    element: Placed
    changes: tuple[Change, ...]
    origin: bool = False
    overrides: tuple[str, ...] | None = None
    layout: JsonObject | None = None


@dataclass(frozen=True)
class Plan:
    """Edits in the order in which they become facts: the touched element first."""

    edits: tuple[Edit, ...]
    skipped: tuple[Skipped, ...] = ()


def plan_edit(board: Board, element: Placed, after: JsonObject, scope: Scope) -> Plan:
    """The edits that bring `element` to `after`, with its group when `scope` says so."""
    changed = differences(element.values, after)
    if not changed:
        return Plan(())
    group = board.groups.get(element.sync_group or "")
    if group is not None and scope == "group" and board.is_synced(element.canvas_id):
        return _GroupEdit(board, element, group, after, changed).plan()
    room, pushed = _room(board, element, after, changed)
    changes = (*_set(changed), *room)
    overrides = None if group is None else tuple(sorted({*element.overrides, *changed}))
    return Plan((Edit(element, changes, origin=True, overrides=overrides), *pushed))


def _set(changed: Mapping[str, tuple[Any, Any]]) -> tuple[Change, ...]:
    return tuple(Change(path, *values) for path, values in changed.items())


def _room(
    board: Board, element: Placed, after: JsonObject, changed: Iterable[str]
) -> tuple[tuple[Change, ...], list[Edit]]:
    """What the typed text needs beyond its box where it was typed, and who makes room (D7)."""
    paths = set(changed)
    if not any(changes_extent(path) for path in paths) or paths & set(BOX):
        return (), []
    group = board.groups.get(element.sync_group or "")
    rests = {} if group is None or group.base != element.canvas_id else group.values
    free = [path for path in BOX if path not in element.overrides]
    resting = put_all(after, {path: rests[path] for path in free if path in rests})
    moved = typed(board, element, resting)
    wanted = put_all(resting, moved.own.paths())
    changes = tuple(
        Change(path, before, new, derived=True)
        for path, (before, new) in differences(after, wanted).items()
    )
    return changes, _pushes(board, element, moved)


def _pushes(board: Board, element: Placed, moved: Moved) -> list[Edit]:
    """The others on the canvas: pushed to their new y, or back where an earlier push began."""
    pusher, edits = element.sync_group, list[Edit]()
    if pusher is None:
        return []
    for other in board.on(element.canvas_id):
        before, shift = other.values.get("y", 0), other.shifts.get(pusher, 0)
        if other.id == element.id or (other.id not in moved.pushed and not shift):
            continue
        resting = float(before) - shift
        new = rounded(moved.pushed.get(other.id, resting))
        if new == before or "y" in other.overrides or other.is_locked:
            continue
        layout: JsonObject = {
            "engine": ENGINE,
            "shift": {"by": pusher, "y": rounded(new - resting)},
        }
        edits.append(Edit(other, (Change("y", before, new, derived=True),), layout=layout))
    return edits


class _GroupEdit:
    """A group-scope edit: the touched element leads, its siblings follow."""

    def __init__(
        self,
        board: Board,
        origin: Placed,
        group: Group,
        after: JsonObject,
        changed: Mapping[str, tuple[Any, Any]],
    ) -> None:
        self._board, self._origin, self._group = board, origin, group
        self._after, self._changed = after, changed
        self._members = board.members(origin.sync_group or "")
        self._moves = bool(changed.keys() & GEOMETRY) and group.base != origin.canvas_id
        self._lead: JsonObject = {
            "group": True,
            "factor": length_factor(
                board, origin.canvas_id, origin.values, group.base, group.values
            ),
            **({"base": origin.canvas_id} if self._moves else {}),
        }
        led = led_values(group, origin, after, changed, self._lead)
        self._base, self._values = led.base, led.values
        self._pairs = pairs_led_by(self._members, self._base)

    def plan(self) -> Plan:
        overrides = tuple(path for path in self._origin.overrides if path not in self._changed)
        room, pushed = _room(self._board, self._origin, self._after, self._changed)
        lead = Edit(
            self._origin,
            (*_set(self._changed), *room),
            origin=True,
            overrides=overrides if overrides != self._origin.overrides else None,
            layout=self._layout_of(self._origin, self._lead),
        )
        edits, skipped = [lead, *pushed], list[Skipped]()
        for member in self._members:
            if member.id != self._origin.id:
                found, left = self._follow(member)
                edits += found
                skipped += left
        return Plan(tuple(edits), tuple(skipped))

    def _follow(self, member: Placed) -> tuple[list[Edit], list[Skipped]]:
        paths = tuple(self._changed)
        if not self._board.is_synced(member.canvas_id):
            return [], [Skipped(member.id, member.canvas_id, paths, "sync_off")]
        if member.is_locked and "isLocked" in member.overrides:
            return [], [Skipped(member.id, member.canvas_id, paths, "locked")]
        skipped, overrides = list[Skipped](), member.overrides
        overridden = tuple(path for path in paths if path in overrides)
        if overridden:
            skipped.append(Skipped(member.id, member.canvas_id, overridden, "overridden"))
        colliding = self._colliding(member)
        if colliding:
            skipped.append(Skipped(member.id, member.canvas_id, colliding, "overlap"))
            overrides = tuple(sorted({*overrides, *colliding}))
        wanted, pushed = self._wanted(member, frozenset(overrides))
        changes = self._changes(member, wanted)
        layout = self._layout_of(member)
        if not changes and layout is None and overrides == member.overrides:
            return pushed, skipped
        kept = overrides if overrides != member.overrides else None
        return [Edit(member, changes, overrides=kept, layout=layout), *pushed], skipped

    def _changes(self, member: Placed, wanted: JsonObject) -> tuple[Change, ...]:
        copied = self._changed.keys() - GEOMETRY
        return tuple(
            Change(path, before, after, derived=path not in copied or is_scaled(path))
            for path, (before, after) in differences(member.values, wanted).items()
        )

    def _wanted(self, member: Placed, overrides: frozenset[str]) -> tuple[JsonObject, list[Edit]]:
        """The member's values after the edit, and who makes room for it."""
        copied = {
            path: at(self._values, path)
            for path in self._changed
            if path not in GEOMETRY and path not in overrides and not is_scaled(path)
        }
        wanted, pushed = put_all(member.values, copied), list[Edit]()
        if self._moves_places():
            moved = follow(self._board, self._pairs[member.id], self._values, member, wanted)
            places = {p: v for p, v in moved.own.paths().items() if p not in overrides}
            pushed = _pushes(self._board, member, moved)
            wanted = put_all(wanted, places)
        if SOURCE in self._changed and CROP not in overrides:
            wanted = put_all(wanted, {CROP: at(self._values, CROP)})
        resized = self._changed.keys() & {FONT_SIZE} or self._moves
        lengths = self._scaled_values(member, wanted, overrides, bool(resized))
        return put_all(wanted, lengths), pushed

    def _moves_places(self) -> bool:
        return any(p in GEOMETRY or changes_extent(p) for p in self._changed)

    def _scaled_values(
        self, member: Placed, wanted: JsonObject, overrides: frozenset[str], resized: bool
    ) -> JsonObject:
        factor = length_factor(self._board, member.canvas_id, wanted, self._base, self._values)
        touched = {path for path in self._changed if is_scaled(path)}
        if resized:
            touched |= {p for p in differences(self._values, {}) if is_scaled(p)}
        return {
            path: scaled(path, at(self._values, path), factor)
            for path in touched
            if path not in overrides
        }

    def _colliding(self, member: Placed) -> tuple[str, ...]:
        """Timing paths that this member cannot take over without newly sharing its track's time."""
        timing = [p for p in self._changed if p in TIMING and p not in member.overrides]
        if not timing:
            return ()
        wanted = put_all(member.values, {path: at(self._values, path) for path in timing})
        beside = _groups(_overlapping(self._board, self._origin, self._after))
        before = {e.id for e in _overlapping(self._board, member, member.values)}
        new = [
            other
            for other in _overlapping(self._board, member, wanted)
            if other.id not in before and (other.sync_group or other.id) not in beside
        ]
        return tuple(sorted(timing)) if new else ()

    def _layout_of(
        self, member: Placed, lead: Mapping[str, Any] | None = None
    ) -> JsonObject | None:
        pair = self._pairs[member.id]
        found: JsonObject = dict(lead or {})
        if pair != member.pair:
            found["pair"] = pair.to_json()
        return {**found, "engine": ENGINE} if found else None


def _overlapping(board: Board, element: Placed, values: Mapping[str, Any]) -> list[Placed]:
    track, start = values.get("trackIndex"), float(values["startTime"])
    end = start + float(values["duration"])
    return [
        other
        for other in board.on(element.canvas_id)
        if other.id != element.id
        and other.values.get("trackIndex") == track
        and float(other.values["startTime"]) < end
        and start < float(other.values["startTime"]) + float(other.values["duration"])
    ]


def _groups(elements: Iterable[Placed]) -> set[str]:
    return {element.sync_group or element.id for element in elements}
