"""Elements as the solver sees them: ink instead of boxes, what may bend and what may not."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from scene.layout.types import Element, Frame, Rect
from scene.layout.words import Meter, Words, font_size, padding, plate

Kind = Literal["text", "photo", "shape"]
LOCKED_NAMES = ("logo", "icon", "qr", "sticker", "badge", "wordmark")
PHOTO_TYPES = frozenset({"image", "video", "ai-image"})
SILENT_TYPES = frozenset({"audio", "transition"})
OPAQUE = 0.9
_ACROSS, _DOWN = (0.05, 0.275, 0.5, 0.725, 0.95), (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class TextInk:
    """A text's measured extent on the source canvas."""

    words: Words
    font: float
    lines: int
    width: float
    align: float
    pad: tuple[float, float, float, float]
    plate: tuple[float, float]
    confirm: Mapping[str, Any]

    @cached_property
    def pad_x(self) -> float:
        return self.pad[0] + self.pad[2] + 2 * self.plate[0]

    @cached_property
    def pad_y(self) -> float:
        return self.pad[1] + self.pad[3] + 2 * self.plate[1]


@dataclass(frozen=True)
class Item:
    """One element ready to be laid out. `ink` is what the eye sees, `box` what the file says."""

    id: str
    order: int
    kind: Kind
    box: Rect
    ink: Rect
    rotation: float
    start: float
    end: float
    bleed: frozenset[str]
    locked: bool
    round: bool
    solid: bool
    outline: bool
    background: bool
    carried: bool
    text: TextInk | None
    media: Mapping[str, Any] | None

    def overlaps_in_time(self, other: "Item") -> bool:
        return self.start < other.end - 1e-6 and other.start < self.end - 1e-6

    def share(self, box: Rect) -> float:
        """Part of 15 sample points of `box` inside this element's true outline."""
        own = self.box
        if not self.rotation % 360:
            apart = box.x > own.right or box.right < own.x or box.y > own.bottom
            if apart or box.bottom < own.y:
                return 0.0
            if not self.round:
                columns = sum(own.x <= box.x + box.w * part <= own.right for part in _ACROSS)
                rows = sum(own.y <= box.y + box.h * part <= own.bottom for part in _DOWN)
                return columns * rows / 15
        angle = math.radians(self.rotation)
        cos, sin = math.cos(angle), math.sin(angle)
        inside = 0
        for row in _DOWN:
            dy = box.y + box.h * row - own.cy
            for column in _ACROSS:
                dx = box.x + box.w * column - own.cx
                u = 2 * (dx * cos + dy * sin) / max(own.w, 1e-6)
                v = 2 * (dy * cos - dx * sin) / max(own.h, 1e-6)
                inside += u * u + v * v <= 1 if self.round else abs(u) <= 1 and abs(v) <= 1
        return inside / 15


def rotated_bounds(box: Rect, degrees: float) -> Rect:
    if not degrees % 360:
        return box
    angle = math.radians(degrees)
    cos, sin = abs(math.cos(angle)), abs(math.sin(angle))
    w, h = box.w * cos + box.h * sin, box.w * sin + box.h * cos
    return Rect(box.cx - w / 2, box.cy - h / 2, w, h)


def ordered(elements: Iterable[Element]) -> list[Element]:
    """Painting order; ties are broken by id so that input order never matters."""
    return sorted(
        elements,
        key=lambda e: (
            e.get("zIndex") if e.get("zIndex") is not None else 1,
            e.get("trackIndex") or 0,
            e.get("startTime") or 0,
            str(e["id"]),
        ),
    )


def items_of(elements: Iterable[Element], frame: Frame, meter: Meter) -> list[Item]:
    return [
        item_of(element, order, frame, meter) for order, element in enumerate(ordered(elements))
    ]


def item_of(element: Element, order: int, frame: Frame, meter: Meter) -> Item:
    properties: Mapping[str, Any] = element.get("properties") or {}
    text: Mapping[str, Any] | None = properties.get("text")
    shape: Mapping[str, Any] = properties.get("shape") or {}
    kind = _kind(element, text)
    box = box_of(element)
    rotation = float(element.get("rotation") or 0.0)
    ink_text = _text_ink(text, box, meter) if kind == "text" and text else None
    if kind == "shape":  # a hairline may be drawn with a box of no height
        box = Rect(box.x, box.y, max(box.w, 0.5), max(box.h, 0.5))
    ink = rotated_bounds(ink_box(ink_text, box, text) if ink_text and text else box, rotation)
    start = float(element.get("startTime") or 0.0)
    background = kind != "text" and not rotation and _is_background(element, box, frame, shape)
    return Item(
        id=str(element["id"]),
        order=order,
        kind=kind,
        box=box,
        ink=ink,
        rotation=rotation,
        start=start,
        end=start + float(element.get("duration") or 1e9),
        bleed=_bleed(rotated_bounds(box, rotation), frame) if kind != "text" else frozenset(),
        locked=_locked(element, kind, shape, properties.get("media")),
        round=shape.get("shapeType") == "circle",
        solid=_solid(element, kind, shape),
        outline=bool(shape) and _see_through(shape),
        background=background,
        carried=_carried(element, kind, ink, frame, ink_text),
        text=ink_text,
        media=properties.get("media") if kind == "photo" else None,
    )


def ink_box(ink: TextInk, box: Rect, text: Mapping[str, Any]) -> Rect:
    """Where the lines, with padding and plate, stand: the plate may reach out of the box."""
    across, down = ink.plate[0] * ink.font, ink.plate[1] * ink.font
    width = ink.width + ink.pad_x * ink.font - 2 * across
    height = (ink.lines * ink.words.line + ink.pad_y) * ink.font - 2 * down
    vertical = {"top": 0.0, "bottom": 1.0}.get(str(text.get("verticalAlign")), 0.5)
    x = box.x + (box.w - width) * ink.align
    y = box.y + (box.h - height) * vertical
    return Rect(x, y, width, height).inset(-across, -down, -across, -down)


def align_of(text: Mapping[str, Any]) -> float:
    return {"center": 0.5, "right": 1.0}.get(str(text.get("textAlign")), 0.0)


def _text_ink(text: Mapping[str, Any], box: Rect, meter: Meter) -> TextInk:
    words, font, pad = meter.words(text), font_size(text), padding(text)
    room = box.w / font - pad[0] - pad[2]
    # A box some rounding error narrower than its own ink still holds the lines it was drawn with.
    lines, width = words.wrap(max(room, 0.01) * 1.004)
    return TextInk(words, font, lines, width * font, align_of(text), pad, plate(text), text)


def box_of(element: Element) -> Rect:
    x, y = float(element.get("x") or 0.0), float(element.get("y") or 0.0)
    return Rect(x, y, float(element.get("width") or 0.0), float(element.get("height") or 0.0))


def _kind(element: Element, text: Mapping[str, Any] | None) -> Kind:
    if text is not None or element.get("type") in ("text", "ai-text"):
        return "text"
    properties: Mapping[str, Any] = element.get("properties") or {}
    if element.get("type") in PHOTO_TYPES or properties.get("media"):
        return "photo"
    return "shape"


def _is_background(element: Element, box: Rect, frame: Frame, shape: Mapping[str, Any]) -> bool:
    if element.get("type") == "background":
        return True
    full = box.clip(frame.rect).area >= 0.9 * frame.area
    return full and shape.get("shapeType") not in ("circle", "triangle")


def _bleed(box: Rect, frame: Frame) -> frozenset[str]:
    near = 0.012 * min(frame.width, frame.height)
    touched = {
        "L": box.x <= near,
        "T": box.y <= near,
        "R": box.right >= frame.width - near,
        "B": box.bottom >= frame.height - near,
    }
    return frozenset(edge for edge, hit in touched.items() if hit)


def _locked(element: Element, kind: Kind, shape: Mapping[str, Any], media: Any) -> bool:
    if float(element.get("rotation") or 0.0) % 360:
        return True
    if kind == "text":
        return False
    name = str(element.get("name") or "").lower().split()
    if element.get("type") == "sticker" or any(word in LOCKED_NAMES for word in name):
        return True
    if isinstance(media, Mapping) and media.get("fit") == "contain":  # type: ignore[reportUnknownMemberType]
        return True
    return shape.get("shapeType") in ("circle", "triangle")


def _see_through(shape: Mapping[str, Any]) -> bool:
    fill = str(shape.get("fill") or "#000000").lower()
    return fill in ("transparent", "none") or (len(fill) == 9 and fill.endswith("00"))


def _solid(element: Element, kind: Kind, shape: Mapping[str, Any]) -> bool:
    opacity = element.get("opacity")
    if opacity is not None and float(opacity) < OPAQUE:
        return False
    if kind == "shape":
        fill = str(shape.get("fill") or "#000000")
        return fill.startswith("#") and len(fill) in (4, 7)
    return kind == "photo"


def _carried(element: Element, kind: Kind, ink: Rect, frame: Frame, text: TextInk | None) -> bool:
    """Nothing to see, so nothing to lay out: kept in proportion only."""
    if element.get("isHidden") or element.get("type") in SILENT_TYPES:
        return True
    if kind == "text" and (text is None or text.width <= 0):
        return True
    thin = min(ink.w, ink.h) < 0.5
    if thin and (kind != "shape" or max(ink.w, ink.h) < 0.5):
        return True
    return not ink.clip(frame.rect).area > 0.0
