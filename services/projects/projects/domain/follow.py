"""Where a sibling goes when the base of its group was moved, resized or retyped.

Always from the reference pair (where the base stood, where the sibling stood then), never from the
last place: there and back again ends exactly where it began.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, cast

from projects.domain.arrange import frame_of
from projects.domain.json_values import JsonObject, at
from projects.domain.state import Board, Box, Pair, Placed
from scene.layout import Frame, Rect
from scene.layout.shaping import shaped

FONT_TRIES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
_SAME = 0.01
_OVERFLOW = 1.03
_SHARED = 0.1


@dataclass(frozen=True)
class _Span:
    """One axis of a box: where it begins and how long it is."""

    start: float
    size: float

    @property
    def end(self) -> float:
        return self.start + self.size


def follow(
    board: Board, pair: Pair, led: Mapping[str, Any], member: Placed, wanted: JsonObject
) -> Box:
    """The sibling's new box, font and crop. `wanted` are its values with the copied ones in place.

    Media keep their crop's centre; a text that needs more room grows its box inside the safe area,
    then gets smaller, until it meets no other text it did not meet before.
    """
    if pair.own.width is None or pair.own.height is None:
        return pair.own
    source = frame_of(board.format_of(pair.base)) if pair.base in board.canvases else None
    target = frame_of(board.format_of(member.canvas_id))
    ratio = sqrt(target.area / (source or target).area)
    box = _moved(pair, Box.of(led), ratio)
    text = at(wanted, "properties.text")
    if isinstance(text, dict) and box.font_size and has_automatic_height(wanted):
        return _fitted(board, member, box, cast(JsonObject, text), target)
    return _inside(box, target.rect, _span_rect(pair.own))


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


def grown(board: Board, canvas_id: str, values: JsonObject) -> Box:
    """The box of a text on the canvas where it was typed: as high as it needs, font untouched."""
    box = Box.of(values)
    text = at(values, "properties.text")
    if not isinstance(text, dict) or not has_automatic_height(values) or box.height is None:
        return box
    target = frame_of(board.format_of(canvas_id))
    typed = cast(JsonObject, text)
    font = box.font_size or float(typed.get("fontSize") or 48)
    room = _grown(box, typed, font, target)
    return room if (room.height or 0) > box.height or (room.width or 0) > (box.width or 0) else box


def _moved(pair: Pair, now: Box, ratio: float) -> Box:
    then, own = pair.source, pair.own
    across = _axis(_span(then, 0), _span(now, 0), _span(own, 0), ratio)
    down = _axis(_span(then, 1), _span(now, 1), _span(own, 1), ratio)
    font = own.font_size
    if font and then.font_size and now.font_size:
        font = font * now.font_size / then.font_size
    same_crop = now.crop == then.crop
    return Box(
        x=across.start,
        y=down.start,
        width=across.size,
        height=down.size,
        font_size=font,
        crop=own.crop if same_crop else now.crop,
    )


def _axis(then: _Span, now: _Span, own: _Span, ratio: float) -> _Span:
    """One axis: sizes in proportion, moves scaled, and the edge that was held stays held."""
    scale = min(max(own.size / then.size, 0.5 * ratio), 2 * ratio) if then.size else ratio
    size = own.size * now.size / then.size if then.size else own.size
    if abs(now.start - then.start) < _SAME:
        return _Span(own.start, size)
    if abs(now.end - then.end) < _SAME:
        return _Span(own.end - size, size)
    if abs(now.size - then.size) < _SAME:
        return _Span(own.start + (now.start - then.start) * scale, size)
    moved = (now.start + now.size / 2) - (then.start + then.size / 2)
    return _Span(own.start + own.size / 2 + moved * scale - size / 2, size)


def _span(box: Box, axis: int) -> _Span:
    return _Span(box.y, box.height or 0.0) if axis else _Span(box.x, box.width or 0.0)


def _span_rect(box: Box) -> Rect:
    return Rect(box.x, box.y, box.width or 0.0, box.height or 0.0)


def _inside(box: Box, room: Rect, before: Rect) -> Box:
    """Kept in `room`, unless it stood out of it on that side before."""
    rect = _span_rect(box)
    low = Rect(min(room.x, before.x), min(room.y, before.y), 0, 0)
    right, bottom = max(room.right, before.right), max(room.bottom, before.bottom)
    x = max(min(rect.x, right - rect.w), low.x)
    y = max(min(rect.y, bottom - rect.h), low.y)
    return box.model_copy(update={"x": x, "y": y})


def _fitted(board: Board, member: Placed, box: Box, text: JsonObject, target: Frame) -> Box:
    others = _other_texts(board, member)
    met = {name for name, rect in others.items() if _meets(_span_rect(member.box), rect)}
    free = [rect for name, rect in others.items() if name not in met]
    best = box
    for factor in FONT_TRIES:
        best = _grown(box, text, (box.font_size or 1) * factor, target)
        rect = _span_rect(best)
        fits = rect.bottom <= target.safe.bottom + 1 and rect.y >= target.safe.y - 1
        if fits and not any(_meets(rect, other) for other in free):
            return best
    return best


def _grown(box: Box, text: JsonObject, font: float, target: Frame) -> Box:
    """The box as high as its text needs at this font, held at its nearer end."""
    width, height = box.width or 0.0, box.height or 0.0
    beside, above = _padding(text)
    lines_wide, lines_high, _ = shaped(text, font, max(1.0, width - beside))
    high = max(height, lines_high + above) if lines_high + above > height * _OVERFLOW else height
    wide = min(max(width, lines_wide + beside), max(width, target.safe.w))
    x = box.x - (wide - width) * {"center": 0.5, "right": 1.0}.get(str(text.get("textAlign")), 0.0)
    low = box.y + height / 2 > target.safe.y + target.safe.h * 0.6
    y = box.y + height - high if low else box.y
    grown = Box(x=x, y=y, width=wide, height=high, font_size=font, crop=box.crop)
    return _inside(grown, target.safe, _span_rect(box))


def _padding(text: JsonObject) -> tuple[float, float]:
    inner = cast(JsonObject, text.get("padding") or {})
    left, right = float(inner.get("left") or 0), float(inner.get("right") or 0)
    top, bottom = float(inner.get("top") or 0), float(inner.get("bottom") or 0)
    return left + right, top + bottom


def _other_texts(board: Board, member: Placed) -> dict[str, Rect]:
    return {
        other.id: _span_rect(other.box)
        for other in _shown_with(board.on(member.canvas_id), member)
        if other.values.get("properties", {}).get("text")
    }


def _shown_with(elements: Iterable[Placed], member: Placed) -> Iterable[Placed]:
    start = float(member.values["startTime"])
    end = start + float(member.values["duration"])
    for other in elements:
        begins = float(other.values["startTime"])
        if other.id == member.id or other.values.get("isHidden"):
            continue
        if begins < end and start < begins + float(other.values["duration"]):
            yield other


def _meets(one: Rect, other: Rect) -> bool:
    return one.overlap(other) > _SHARED
