"""What goes into a layout and what comes out of it.

All lengths are canvas pixels, the origin is the top left corner, rotation is clockwise degrees
about the centre of the box; crops and focus boxes are shares (0-1) of the natural picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal, NamedTuple, Protocol

Element = Mapping[str, Any]
"""An element as camelCase JSON: id, type, x, y, width, height, rotation, zIndex, properties."""

Horizontal = Literal["left", "center", "right", "stretch"]
Vertical = Literal["top", "middle", "bottom", "stretch"]


class Rect(NamedTuple):
    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        return self.x + self.w

    @property
    def bottom(self) -> float:
        return self.y + self.h

    @property
    def cx(self) -> float:
        return self.x + self.w / 2

    @property
    def cy(self) -> float:
        return self.y + self.h / 2

    @property
    def area(self) -> float:
        return max(self.w, 0.0) * max(self.h, 0.0)

    def union(self, other: "Rect") -> "Rect":
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Rect(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)

    def clip(self, other: "Rect") -> "Rect":
        x, y = max(self.x, other.x), max(self.y, other.y)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Rect(x, y, max(0.0, right - x), max(0.0, bottom - y))

    def inset(self, left: float, top: float, right: float, bottom: float) -> "Rect":
        return Rect(self.x + left, self.y + top, self.w - left - right, self.h - top - bottom)

    def overlap(self, other: "Rect") -> float:
        """Shared area over the smaller area; 0 where one of them is empty."""
        smaller = min(self.area, other.area)
        return self.clip(other).area / smaller if smaller > 0 else 0.0

    def moved(self, dx: float, dy: float) -> "Rect":
        return Rect(self.x + dx, self.y + dy, self.w, self.h)


def bounds(rects: "list[Rect]") -> Rect:
    x, y = min(r.x for r in rects), min(r.y for r in rects)
    return Rect(x, y, max(r.right for r in rects) - x, max(r.bottom for r in rects) - y)


@dataclass(frozen=True)
class Frame:
    """A format to lay out on. `safe` is its title_safe zone, else all but 5 % of each side."""

    width: float
    height: float
    safe_zone: Rect | None = None

    @property
    def safe(self) -> Rect:
        if self.safe_zone is not None and self.safe_zone.area > 0:
            return self.safe_zone
        return Rect(self.width * 0.05, self.height * 0.05, self.width * 0.9, self.height * 0.9)

    @property
    def rect(self) -> Rect:
        return Rect(0.0, 0.0, self.width, self.height)

    @property
    def area(self) -> float:
        return self.width * self.height

    @classmethod
    def of(
        cls, width: float, height: float, safe_zones: Sequence[Mapping[str, Any]] | None
    ) -> "Frame":
        """From a canvas' own numbers; the zone named title_safe is the one that counts."""
        for zone in safe_zones or []:
            if zone.get("name") == "title_safe":
                box = Rect(*(float(zone[side]) for side in ("x", "y", "width", "height")))
                return cls(float(width), float(height), box)
        return cls(float(width), float(height))


@dataclass(frozen=True)
class Crop:
    """The visible part of a picture, as shares of its natural size."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Geometry:
    """The place of one element. `font_size` for texts, `crop` for pictures that are cropped."""

    x: float
    y: float
    width: float
    height: float
    font_size: float | None = None
    crop: Crop | None = None
    reasons: tuple[str, ...] = field(default=())

    @property
    def rect(self) -> Rect:
        return Rect(self.x, self.y, self.width, self.height)


@dataclass(frozen=True)
class Anchor:
    """A person's own rule for one element; it takes the element out of the flow."""

    horizontal: Horizontal = "left"
    vertical: Vertical = "top"
    to: Literal["safe", "canvas"] = "safe"


class Measure(Protocol):
    """The renderer's own shaping, so that layout and export cannot drift apart.

    `text` is `properties.text`; letter spacing and padding in it belong to its own fontSize and
    scale with `size`. Answers the size of the shaped lines without padding and their number.
    """

    def __call__(
        self, text: Mapping[str, Any], size: float, max_width: float
    ) -> tuple[float, float, int]: ...


def rounded(value: float, places: int = 2) -> float:
    """Half away from zero, as commands and engine round everywhere."""
    step = Decimal(1).scaleb(-places)
    return float(Decimal(repr(value)).quantize(step, rounding=ROUND_HALF_UP)) + 0.0
