"""A shape or picture that carries other blocks."""

import math
from dataclasses import dataclass

from scene.layout.items import Item
from scene.layout.nodes import ASPECT_TALLER, ASPECT_WIDER, Node, Spot, Spots, Terms
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

    @property
    def _is_photo(self) -> bool:
        return self.item.kind == "photo"

    @property
    def _aspect(self) -> float:
        return self.box.w / max(self.box.h, 1e-6)

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
        tallest = w / (self._aspect * ASPECT_TALLER) if self._is_photo else 1.3 * self.box.h * s
        return max(tallest, self.wish_height(s, t, w))

    def most_width(self, s: float, t: Terms, h: float) -> float:
        widest = h * self._aspect * ASPECT_WIDER if self._is_photo else 1.3 * self.box.w * s
        return max(widest, self.wish_width(s, t))

    def place(self, s: float, t: Terms, rect: Rect, spots: Spots) -> None:
        shell = Rect(
            rect.x + (self.shell.x - self.box.x) * s,
            rect.y + (self.shell.y - self.box.y) * s,
            rect.w - (self.box.w - self.shell.w) * s,
            rect.h - (self.box.h - self.shell.h) * s,
        )
        spots[self.item.id] = Spot(shell, math.sqrt(shell.area / max(self.shell.area, 1e-6)))
        w = self._inside(s, t, rect.w)
        if self.inner.box.w < 0.85 * self.box.w:
            w = min(w, max(self.inner.wish_width(s, t), self.inner.least_width(s, t)))
        wish = self.inner.wish_height(s, t, w)
        room = self._room(s, rect.h, wish)
        h = max(min(wish, room), min(self.inner.least_height(s, t, w), rect.h))
        if self._spans(self.inner):
            h = max(h, room)
        left, top, right, bottom = self._pad
        x = rect.x + _lead(rect.w - w, left * s, right * s, self.anchor[0])
        y = rect.y + _lead(rect.h - h, top * s, bottom * s, self.anchor[1])
        self.inner.place(s, t, Rect(x, y, w, h), spots)

    def _room(self, s: float, height: float, wish: float) -> float:
        _, top, _, bottom = self._pad
        pad = (top + bottom) * s
        return height - max(GAP_SHRINKS_TO * pad, min(pad, height - wish))

    def _spans(self, inner: Node) -> bool:
        return isinstance(inner, Stack) and inner.vertical and inner.box.h >= 0.62 * self.box.h

    def members(self) -> list[Item]:
        return [self.item, *self.inner.members()]


def _lead(room: float, before: float, after: float, anchor: float) -> float:
    """Room before the content: the middle stays the middle, else the nearer edge keeps its pad."""
    if anchor == 0.5 or room < before + after:
        return room * (
            before / (before + after) if anchor == 0.0 and before + after > 0 else anchor
        )
    if anchor == 0.0:
        return before
    return before if before < after else room - after
