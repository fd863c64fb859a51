"""Inner nodes of the layout tree: rows and columns with their gaps."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from scene.layout.items import Item
from scene.layout.nodes import Node, PhotoNode, SolidNode, Spots, Terms
from scene.layout.sharing import GAP_SHRINKS_TO, fits, share_out
from scene.layout.types import Rect, bounds

SNAP = 0.07


@dataclass(frozen=True)
class Gap:
    """Room between neighbours: source pixels that scale, or (fixed) a share of the short side."""

    size: float
    fixed: bool = False
    cap: float = 0.12

    def at(self, s: float, t: Terms) -> float:
        if self.fixed:
            return self.size * t.short
        return min(max(self.size, -1e9) * s, self.cap * t.tall)


@dataclass(frozen=True)
class Stack:
    """Children one after the other: down (`vertical`) or across.

    `fills` says which children span the stack, `offsets` (0 to 1) where the others stand.
    """

    vertical: bool
    children: tuple[Node, ...]
    gaps: tuple[Gap, ...]
    fills: tuple[bool, ...]
    offsets: tuple[float, ...]
    box: Rect
    changed: bool = False

    # across the stack is plain for a column; a row has to share its width out first
    def least_width(self, s: float, t: Terms) -> float:
        widths = [child.least_width(s, t) for child in self.children]
        return max(widths) if self.vertical else sum(widths) + self._gaps(s, t, GAP_SHRINKS_TO)

    def wish_width(self, s: float, t: Terms) -> float:
        widths = [child.wish_width(s, t) for child in self.children]
        return max(widths) if self.vertical else sum(widths) + self._gaps(s, t)

    def most_width(self, s: float, t: Terms, h: float) -> float:
        return self.wish_width(s, t)

    def least_height(self, s: float, t: Terms, w: float) -> float:
        heights = [
            c.least_height(s, t, v)
            for c, v in zip(self.children, self._widths(s, t, w), strict=True)
        ]
        return sum(heights) + self._gaps(s, t, GAP_SHRINKS_TO) if self.vertical else max(heights)

    def wish_height(self, s: float, t: Terms, w: float) -> float:
        heights = [
            c.wish_height(s, t, v)
            for c, v in zip(self.children, self._widths(s, t, w), strict=True)
        ]
        return sum(heights) + self._gaps(s, t) if self.vertical else max(heights)

    def most_height(self, s: float, t: Terms, w: float) -> float:
        wish = self.wish_height(s, t, w)
        if self.vertical:
            return wish
        grown = [
            c.most_height(s, t, v)
            for c, v, fill in zip(self.children, self._widths(s, t, w), self.fills, strict=True)
            if fill and not isinstance(c, Stack)
        ]
        return max([wish, *grown])

    def members(self) -> list[Item]:
        return [item for child in self.children for item in child.members()]

    def _gaps(self, s: float, t: Terms, share: float = 1.0) -> float:
        return sum(gap.at(s, t) * (share if gap.size > 0 else 1.0) for gap in self.gaps)

    def _widths(self, s: float, t: Terms, w: float) -> list[float]:
        if self.vertical:
            return [
                w if fill else max(min(child.wish_width(s, t), w), min(child.least_width(s, t), w))
                for child, fill in zip(self.children, self.fills, strict=True)
            ]
        least = [child.least_width(s, t) for child in self.children]
        wish = [
            max(child.wish_width(s, t), low)
            for child, low in zip(self.children, least, strict=True)
        ]
        for share in (1.0, GAP_SHRINKS_TO):
            room = w - self._gaps(s, t, share)
            if room >= sum(wish):
                return wish
        spare, span = room - sum(least), sum(wish) - sum(least)
        part = max(0.0, min(1.0, spare / span)) if span > 0 else 0.0
        return [low + (high - low) * part for low, high in zip(least, wish, strict=True)]

    def place(
        self,
        s: float,
        t: Terms,
        rect: Rect,
        spots: Spots,
        outer: tuple[float, float] | None = None,
    ) -> None:
        if self.vertical:
            self._place_down(s, t, rect, spots, outer)
        else:
            self._place_across(s, t, rect, spots, outer)

    def _place_down(
        self, s: float, t: Terms, rect: Rect, spots: Spots, outer: tuple[float, float] | None
    ) -> None:
        widths = self._widths(s, t, rect.w)
        pairs = list(zip(self.children, widths, strict=True))
        sizes = [
            (c.least_height(s, t, w), c.wish_height(s, t, w), c.most_height(s, t, w))
            for c, w in pairs
        ]
        starts, heights = share_out(
            rect.y, rect.h, sizes, [gap.at(s, t) for gap in self.gaps], outer
        )
        for (child, w), y, h, offset in zip(pairs, starts, heights, self.offsets, strict=True):
            x = rect.x + (rect.w - w) * offset
            child.place(s, t, Rect(x, y, w, h), spots)

    def _place_across(
        self, s: float, t: Terms, rect: Rect, spots: Spots, outer: tuple[float, float] | None
    ) -> None:
        wished = self._widths(s, t, rect.w)
        limit = 0.56 * rect.w
        sizes = [
            (
                min(c.least_width(s, t), w),
                w,
                max(w, min(limit, c.most_width(s, t, rect.h))),
            )
            for c, w in zip(self.children, wished, strict=True)
        ]
        starts, widths = share_out(
            rect.x, rect.w, sizes, [gap.at(s, t) for gap in self.gaps], outer
        )
        for child, x, w, fill, offset in zip(
            self.children, starts, widths, self.fills, self.offsets, strict=True
        ):
            scale = self._own_scale(child, s, t, w, rect.h)
            high = min(child.wish_height(scale, t, w), rect.h)
            if self.changed and isinstance(child, PhotoNode) and not fill:
                high = min(rect.h, max(high, w / (child.aspect * 0.85)))
            h = rect.h if fill else max(high, min(child.least_height(scale, t, w), rect.h))
            child.place(scale, t, Rect(x, rect.y + (rect.h - h) * offset, w, h), spots)

    def _own_scale(self, child: Node, s: float, t: Terms, w: float, h: float) -> float:
        """In a new arrangement a column is not held small by its neighbour."""
        if not self.changed or isinstance(child, PhotoNode):
            return s
        low, high = s, min(1.6 * s, 1.12 * t.gm)
        if high <= low or fits(child, high, t, w, h):
            return max(low, high)
        for _ in range(5):
            middle = math.sqrt(low * high)
            low, high = (middle, high) if fits(child, middle, t, w, h) else (low, middle)
        return low


def _offset(lead: float, room: float, whole: float) -> float | None:
    """None where the child is as wide as the stack and could stand anywhere."""
    if room <= 0.02 * whole:
        return None
    near = 0.012 * whole
    if lead <= near or room - lead <= near:
        return 0.0 if lead <= near else 1.0
    return snapped(lead / room)


def snapped(offset: float) -> float:
    for line in (0.0, 0.5, 1.0):
        if abs(offset - line) <= SNAP:
            return line
    return max(0.0, min(1.0, offset))


def stack_of(
    vertical: bool, children: Sequence[Node], box: Rect | None = None, cap: float = 0.12
) -> Stack:
    """A stack of blocks in the order they stand, reading gaps and offsets off their boxes."""
    box = box or bounds([child.box for child in children])
    gaps: list[Gap] = []
    for first, second in itertools.pairwise(children):
        space = second.box.y - first.box.bottom if vertical else second.box.x - first.box.right
        gaps.append(Gap(space, cap=cap))
    fills: list[bool] = []
    offsets: list[float | None] = []
    for child in children:
        size, whole = (child.box.w, box.w) if vertical else (child.box.h, box.h)
        lead = child.box.x - box.x if vertical else child.box.y - box.y
        fills.append(size >= 0.93 * whole and not isinstance(child, SolidNode))
        offsets.append(_offset(lead, whole - size, whole))
    known = [offset for offset in offsets if offset is not None]
    usual = max(sorted(set(known)), key=known.count) if known else 0.5
    placed = tuple(usual if offset is None else offset for offset in offsets)
    return Stack(vertical, tuple(children), tuple(gaps), tuple(fills), placed, box)
