"""How far an item's paint reaches on the canvas."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from scene.display import PictureItem, ShapeItem, TextItem
from scene.textrun import TextRun


@dataclass(frozen=True)
class Bounds:
    """Edges in canvas pixels."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def around(cls, many: Iterable["Bounds"]) -> "Bounds":
        """The smallest bounds holding all; raises ValueError for none."""
        known = list(many)
        return cls(
            min(one.left for one in known),
            min(one.top for one in known),
            max(one.right for one in known),
            max(one.bottom for one in known),
        )


def painted_bounds(item: TextItem | PictureItem | ShapeItem) -> Bounds:
    """A rectangle holding everything the item paints, after its motion and rotation."""
    inner = Bounds(0.0, 0.0, item.width, item.height)
    if isinstance(item, TextItem):
        inner = _text_bounds(item.run)
    middle_x, middle_y = item.x + item.dx + item.width / 2, item.y + item.dy + item.height / 2
    turn = math.radians(item.rotation)
    cosine, sine = math.cos(turn) * item.scale, math.sin(turn) * item.scale
    corners = [
        (x * cosine - y * sine, x * sine + y * cosine)
        for x in (inner.left - item.width / 2, inner.right - item.width / 2)
        for y in (inner.top - item.height / 2, inner.bottom - item.height / 2)
    ]
    return Bounds(
        middle_x + min(x for x, _ in corners),
        middle_y + min(y for _, y in corners),
        middle_x + max(x for x, _ in corners),
        middle_y + max(y for _, y in corners),
    )


def _text_bounds(run: TextRun) -> Bounds:
    reach = run.reach
    parts = [
        Bounds(
            line.x - reach,
            line.baseline - run.size * 1.1 - reach,
            line.x + line.width + reach,
            line.baseline + run.size * 0.35 + reach,
        )
        for line in run.lines
        if line.text
    ]
    parts += [Bounds(p.x, p.y, p.x + p.width, p.y + p.height) for p in run.plates]
    return Bounds.around(parts) if parts else Bounds(0.0, 0.0, run.width, run.height)
