"""A shape or picture that carries other blocks."""

import math
from dataclasses import dataclass

from scene.layout.items import Item
from scene.layout.nodes import Node, Spot, Spots, Terms
from scene.layout.sharing import GAP_SHRINKS_TO
from scene.layout.stacks import Stack
from scene.layout.types import Rect


@dataclass(frozen=True)
class Panel:
    """A shape or picture with things standing on it; `pad` may be negative where they stick out."""

    item: Item
    inner: Node
    box: Rect
    shell: Rect
    anchor: tuple[float, float]

    @property
    def _pad(self) -> tuple[float, float, float, float]:
        return (
            self.inner.box.x - self.box.x,
            self.inner.box.y - self.box.y,
            self.box.right - self.inner.box.right,
            self.box.bottom - self.inner.box.bottom,
        )

    def least_width(self, s: float, t: Terms) -> float:
        left, _, right, _ = self._pad
        return self.inner.least_width(s, t) + GAP_SHRINKS_TO * (left + right) * s

    def wish_width(self, s: float, t: Terms) -> float:
        return max(self.box.w * s, self.least_width(s, t))

    def _inside(self, s: float, t: Terms, w: float) -> float:
        """Width left for the content: padding gives way before the content does."""
        left, _, right, _ = self._pad
        pad = (left + right) * s
        spare = w - self.inner.wish_width(s, t)
        return w - max(GAP_SHRINKS_TO * pad, min(pad, spare))

    def least_height(self, s: float, t: Terms, w: float) -> float:
        _, top, _, bottom = self._pad
        inner = self.inner.least_height(s, t, self._inside(s, t, w))
        return max(inner + GAP_SHRINKS_TO * (top + bottom) * s, 0.4 * self.box.h * s)

    def wish_height(self, s: float, t: Terms, w: float) -> float:
        return max(self.box.h * s, self.least_height(s, t, w))

    def most_height(self, s: float, t: Terms, w: float) -> float:
        return max(1.3 * self.box.h * s, self.wish_height(s, t, w))

    def most_width(self, s: float, t: Terms, h: float) -> float:
        return max(1.3 * self.box.w * s, self.wish_width(s, t))

    def place(self, s: float, t: Terms, rect: Rect, spots: Spots) -> None:
        shell = Rect(
            rect.x + (self.shell.x - self.box.x) * s,
            rect.y + (self.shell.y - self.box.y) * s,
            rect.w - (self.box.w - self.shell.w) * s,
            rect.h - (self.box.h - self.shell.h) * s,
        )
        spots[self.item.id] = Spot(shell, math.sqrt(shell.area / max(self.shell.area, 1e-6)))
        w = self._inside(s, t, rect.w)
        wish = self.inner.wish_height(s, t, w)
        room = self._room(s, rect.h, wish)
        h = max(min(wish, room), min(self.inner.least_height(s, t, w), rect.h))
        if self._spans(self.inner):
            h = max(h, room)
        x = rect.x + (rect.w - w) * self.anchor[0]
        y = rect.y + (rect.h - h) * self.anchor[1]
        self.inner.place(s, t, Rect(x, y, w, h), spots)

    def _room(self, s: float, height: float, wish: float) -> float:
        _, top, _, bottom = self._pad
        pad = (top + bottom) * s
        return height - max(GAP_SHRINKS_TO * pad, min(pad, height - wish))

    def _spans(self, inner: Node) -> bool:
        return isinstance(inner, Stack) and inner.vertical and inner.box.h >= 0.62 * self.box.h

    def members(self) -> list[Item]:
        return [self.item, *self.inner.members()]
