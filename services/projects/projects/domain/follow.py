"""Where things go when the base of their group was moved, resized or retyped.

Always from the reference pair (where the base stood, where the sibling stood then), never from the
last place: there and back again ends exactly where it began. The engine is `scene.layout.transfer`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from projects.domain.arrange import box_of, frame_of
from projects.domain.json_values import JsonObject, at, put
from projects.domain.state import Board, Box, Pair, Placed
from scene import layout
from scene.layout import Frame, Rect, Side, transfer
from scene.layout.shaping import shaped

_OVERFLOW = 1.03


@dataclass(frozen=True)
class Moved:
    """New places on one canvas: `own` of the element, `pushed` of others that make room (y)."""

    own: Box
    pushed: Mapping[str, float]


def follow(
    board: Board, pair: Pair, led: Mapping[str, Any], member: Placed, wanted: JsonObject
) -> Moved:
    """A sibling's new box, font and crop, and what its grown text pushes along.

    `led` are the group's values on canvas `pair.base`; `wanted` the sibling's with the copied ones
    in place. Locked and overridden elements are never pushed.
    """
    lead = board.member(member.sync_group or "", pair.base)
    if lead is None or pair.own.width is None or pair.own.height is None:
        return Moved(pair.own, {})
    source = _side(board, pair.base, {lead.id: led}, None)
    target = _side(board, member.canvas_id, {member.id: wanted}, member.sync_group)
    ours = layout.Pair(
        _rect(pair.source), _rect(pair.own), pair.source.font_size, pair.own.font_size
    )
    if at(wanted, "properties.text") is not None and not has_automatic_height(wanted):
        return Moved(_carried(ours, Box.of(led), pair.own), {})
    places = transfer(
        source,
        target,
        edited=lead.id,
        member=member.id,
        pair=ours,
        measure=shaped,
        fixed=_fixed(board, member.canvas_id),
    )
    own = box_of(places.pop(member.id))
    if own.crop is None:
        own = own.model_copy(update={"crop": pair.own.crop})
    return Moved(own, {name: geometry.y for name, geometry in places.items()})


def typed(board: Board, element: Placed, values: JsonObject) -> Moved:
    """The box of a text on the canvas where it was typed: as high as it needs, font untouched."""
    box = Box.of(values)
    text = at(values, "properties.text")
    if not isinstance(text, dict) or not has_automatic_height(values) or box.height is None:
        return Moved(box, {})
    frame = frame_of(board.format_of(element.canvas_id))
    grown = _grown(box, cast(JsonObject, text), frame)
    if grown == box or not _is_inside(_rect(box), frame.safe):
        return Moved(grown, {})
    side = _side(board, element.canvas_id, {element.id: values}, element.sync_group)
    ours = layout.Pair(_rect(box), _rect(box), box.font_size, box.font_size)
    places = transfer(
        side,
        side,
        edited=element.id,
        member=element.id,
        pair=ours,
        measure=shaped,
        fixed=_fixed(board, element.canvas_id),
    )
    own = box_of(places.pop(element.id))
    if own.font_size != box.font_size:  # who types decides on the size
        return Moved(grown, {})
    return Moved(own, {name: geometry.y for name, geometry in places.items()})


def has_automatic_height(values: Mapping[str, Any]) -> bool:
    """Whether a text's box grows with it: nothing else says what to do with too much text."""
    text = at(values, "properties.text")
    if not isinstance(text, dict):
        return False
    rules = cast(JsonObject, text)
    fit = cast(JsonObject, rules.get("autoFit") or {})
    return (
        fit.get("mode", "none") == "none"
        and rules.get("maxLines") is None
        and rules.get("overflow", "visible") == "visible"
    )


def _side(
    board: Board, canvas_id: str, instead: Mapping[str, Mapping[str, Any]], pusher: str | None
) -> Side:
    """A canvas with some values replaced, and without what `pusher` pushed there before."""
    elements: list[JsonObject] = []
    links: dict[str, str] = {}
    for element in board.on(canvas_id):
        known = element.to_json()
        shift = element.shifts.get(pusher or "")
        if shift:
            known = put(known, "y", float(known["y"]) - shift)
        elements.append({**known, **instead.get(element.id, {})})
        links[element.id] = element.sync_group or element.id
    return Side(frame_of(board.format_of(canvas_id)), elements, links)


def _fixed(board: Board, canvas_id: str) -> set[str]:
    return {e.id for e in board.on(canvas_id) if e.is_locked or "y" in e.overrides}


def _carried(ours: layout.Pair, now: Box, own: Box) -> Box:
    """In proportion only: for texts that fit themselves into their box."""
    width = ours.own.w * (now.width or 0) / (ours.source.w or 1)
    height = ours.own.h * (now.height or 0) / (ours.source.h or 1)
    across, down = ours.own.w / (ours.source.w or 1), ours.own.h / (ours.source.h or 1)
    font = own.font_size
    if font and ours.source_font and now.font_size:
        font = font * now.font_size / ours.source_font
    return Box(
        x=own.x + (now.x - ours.source.x) * across,
        y=own.y + (now.y - ours.source.y) * down,
        width=width,
        height=height,
        font_size=font,
        crop=own.crop,
    )


def _grown(box: Box, text: JsonObject, frame: Frame) -> Box:
    """The box as high as its text needs, held at its nearer end."""
    width, height = box.width or 0.0, box.height or 0.0
    inner = cast(JsonObject, text.get("padding") or {})
    beside = float(inner.get("left") or 0) + float(inner.get("right") or 0)
    above = float(inner.get("top") or 0) + float(inner.get("bottom") or 0)
    font = box.font_size or float(text.get("fontSize") or 48)
    wide, high, _ = shaped(text, font, max(1.0, width - beside))
    wide, high = max(width, wide + beside), high + above
    if high <= height * _OVERFLOW and wide <= width + 1:
        return box
    high = max(high, height)
    x = box.x - (wide - width) * {"center": 0.5, "right": 1.0}.get(str(text.get("textAlign")), 0.0)
    low = box.y + height / 2 > frame.safe.y + frame.safe.h * 0.6
    y = box.y + height - high if low else box.y
    kept = _inside(Rect(x, y, wide, high), frame.safe, _rect(box))
    return box.model_copy(update={"x": kept.x, "y": kept.y, "width": kept.w, "height": kept.h})


def _inside(rect: Rect, room: Rect, before: Rect) -> Rect:
    """Kept in `room`, unless it stood out of it on that side before."""
    right, bottom = max(room.right, before.right), max(room.bottom, before.bottom)
    x = max(min(rect.x, right - rect.w), min(room.x, before.x))
    y = max(min(rect.y, bottom - rect.h), min(room.y, before.y))
    return Rect(x, y, rect.w, rect.h)


def _is_inside(rect: Rect, room: Rect) -> bool:
    return (
        rect.x >= room.x - 1
        and rect.y >= room.y - 1
        and rect.right <= room.right + 1
        and rect.bottom <= room.bottom + 1
    )


def _rect(box: Box) -> Rect:
    return Rect(box.x, box.y, box.width or 0.0, box.height or 0.0)
