"""Leaves of the layout tree: how wide and high each may be at a scale, and where it ends up.

Every node answers the same five questions at scale `s` (target pixels per source pixel) and is then
placed into a rectangle. `least` is what it needs, `wish` what it had, `most` what it may grow to.
"""

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from scene.layout.items import Item, TextInk
from scene.layout.types import Rect
from scene.layout.words import Words

PHOTO_NARROWEST, PHOTO_LOWEST = 0.62, 0.66
ASPECT_WIDER, ASPECT_TALLER, ASPECT_BLEEDING = 1.8, 0.55, 2.6


@dataclass(frozen=True)
class Terms:
    """What the target and the chosen variant ask of every node."""

    gm: float
    floor: float
    short: float
    tall: float
    breaking: bool = False
    wide: bool = False


@dataclass
class Spot:
    """Where one element landed; `font` for texts, `lines` as the solver wrapped them."""

    rect: Rect
    scale: float
    font: float | None = None
    lines: int = 0


Spots = dict[str, Spot]


class Node(Protocol):
    @property
    def box(self) -> Rect: ...
    def least_width(self, s: float, t: Terms) -> float: ...
    def wish_width(self, s: float, t: Terms) -> float: ...
    def least_height(self, s: float, t: Terms, w: float) -> float: ...
    def wish_height(self, s: float, t: Terms, w: float) -> float: ...
    def most_height(self, s: float, t: Terms, w: float) -> float: ...
    def most_width(self, s: float, t: Terms, h: float) -> float: ...
    def place(self, s: float, t: Terms, rect: Rect, spots: Spots) -> None: ...
    def members(self) -> list[Item]: ...


def font_at(font: float, s: float, t: Terms) -> float:
    """Captions shrink less than headlines: the floor holds them where it would not enlarge them."""
    return max(font * s, min(t.floor, font * 1.1 * t.gm))


def balanced(words: Words, lines: int, width: float) -> float:
    """The narrowest ink (em) that still takes as many lines: no single word is left over."""
    low, high = max(words.widest, 0.6 * width), width
    for _ in range(6):
        middle = (low + high) / 2
        low, high = (low, middle) if words.wrap(middle)[0] <= lines else (middle, high)
    return words.wrap(high)[1]


@dataclass(frozen=True)
class TextNode:
    """A free text: keeps its line breaks where it can, wraps anew where it cannot."""

    item: Item
    box: Rect
    ink: TextInk

    @cached_property
    def _em(self) -> tuple[float, float, float, float]:
        """Widths in em, padding included: firm and loose minimum, as drawn, on one line."""
        ink = self.ink
        kept, pad = ink.width / ink.font, ink.pad_x
        firm = 0.98 if ink.lines <= 2 else 0.45
        loose = 0.5 if ink.lines <= 2 else 0.45
        widest = ink.words.widest
        return (
            max(widest, firm * kept) + pad,
            max(widest, loose * kept) + pad,
            kept + pad,
            ink.words.unwrapped + pad,
        )

    def least_width(self, s: float, t: Terms) -> float:
        return self._em[1 if t.breaking or t.wide else 0] * font_at(self.ink.font, s, t)

    def wish_width(self, s: float, t: Terms) -> float:
        return self._em[3 if t.wide else 2] * font_at(self.ink.font, s, t)

    def wrapped(self, s: float, t: Terms, w: float) -> tuple[int, float, float]:
        """Lines, ink width and font size at cell width w; widths include padding."""
        ink, kept = self.ink, self._em[2]
        font = font_at(ink.font, s, t)
        if not t.wide and w >= kept * 0.999 * font:
            return ink.lines, kept * font, font
        lines, em = ink.words.wrap(max(w / font - ink.pad_x, 0.01))
        return lines, (em + ink.pad_x) * font, font

    def least_height(self, s: float, t: Terms, w: float) -> float:
        ink = self.ink
        lines, _, font = self.wrapped(s, t, w)
        return (lines * ink.words.line + ink.pad_y) * font

    def wish_height(self, s: float, t: Terms, w: float) -> float:
        return self.least_height(s, t, w)

    def most_height(self, s: float, t: Terms, w: float) -> float:
        return self.least_height(s, t, w)

    def most_width(self, s: float, t: Terms, h: float) -> float:
        return self.wish_width(s, t)

    def place(self, s: float, t: Terms, rect: Rect, spots: Spots) -> None:
        ink = self.ink
        lines, width, font = self.wrapped(s, t, rect.w)
        if lines > 1 and lines != ink.lines:
            width = (balanced(ink.words, lines, width / font - ink.pad_x) + ink.pad_x) * font
        height = (lines * ink.words.line + ink.pad_y) * font
        x = rect.x + (rect.w - width) * ink.align
        spots[self.item.id] = Spot(
            Rect(x, rect.y + (rect.h - height) / 2, width, height), font / ink.font, font, lines
        )

    def members(self) -> list[Item]:
        return [self.item]


@dataclass(frozen=True)
class PhotoNode:
    """A picture that may be cropped anew: its shape bends within limits."""

    item: Item
    box: Rect

    @property
    def aspect(self) -> float:
        return self.box.w / max(self.box.h, 1e-6)

    @property
    def widest(self) -> float:
        return self.aspect * (ASPECT_BLEEDING if len(self.item.bleed) >= 3 else ASPECT_WIDER)

    def least_width(self, s: float, t: Terms) -> float:
        return PHOTO_NARROWEST * self.box.w * s

    def wish_width(self, s: float, t: Terms) -> float:
        return self.box.w * s

    def least_height(self, s: float, t: Terms, w: float) -> float:
        low = PHOTO_LOWEST * self.box.h * s
        return max(low, w / self.widest) if len(self.item.bleed) >= 3 else low

    def wish_height(self, s: float, t: Terms, w: float) -> float:
        least = self.least_height(s, t, w)
        return max(least, min(self.box.h * s, self.most_height(s, t, w)))

    def most_height(self, s: float, t: Terms, w: float) -> float:
        return max(self.least_height(s, t, w), w / (self.aspect * ASPECT_TALLER))

    def most_width(self, s: float, t: Terms, h: float) -> float:
        return max(self.wish_width(s, t), h * self.widest)

    def place(self, s: float, t: Terms, rect: Rect, spots: Spots) -> None:
        w = min(rect.w, rect.h * self.widest)
        h = min(rect.h, w / (self.aspect * ASPECT_TALLER * 0.8))
        box = Rect(rect.x + (rect.w - w) / 2, rect.y + (rect.h - h) / 2, w, h)
        spots[self.item.id] = Spot(box, math.sqrt(box.area / max(self.box.area, 1e-6)))

    def members(self) -> list[Item]:
        return [self.item]


@dataclass(frozen=True)
class SolidNode:
    """Elements that only scale as a whole: buttons, rules, logos, things that overlap."""

    items: tuple[Item, ...]
    box: Rect
    rects: dict[str, Rect]
    label: str = "rigid"
    font: float | None = field(default=None)

    def factor(self, s: float, t: Terms) -> float:
        """Buttons and plain groups follow their smallest text's floor as a whole."""
        return font_at(self.font, s, t) / self.font if self.font else s

    def least_width(self, s: float, t: Terms) -> float:
        return self.box.w * self.factor(s, t)

    def wish_width(self, s: float, t: Terms) -> float:
        return self.least_width(s, t)

    def least_height(self, s: float, t: Terms, w: float) -> float:
        return self.box.h * self.factor(s, t)

    def wish_height(self, s: float, t: Terms, w: float) -> float:
        return self.least_height(s, t, w)

    def most_height(self, s: float, t: Terms, w: float) -> float:
        return self.least_height(s, t, w)

    def most_width(self, s: float, t: Terms, h: float) -> float:
        return self.least_width(s, t)

    def place(self, s: float, t: Terms, rect: Rect, spots: Spots) -> None:
        k = min(self.factor(s, t), rect.w * 1.0001 / max(self.box.w, 1e-6))
        x = rect.x + (rect.w - self.box.w * k) / 2
        y = rect.y + (rect.h - self.box.h * k) / 2
        for item in self.items:
            source = self.rects[item.id]
            spot = Rect(
                x + (source.x - self.box.x) * k,
                y + (source.y - self.box.y) * k,
                source.w * k,
                source.h * k,
            )
            ink = item.text
            spots[item.id] = Spot(spot, k, ink.font * k if ink else None, ink.lines if ink else 0)

    def members(self) -> list[Item]:
        return list(self.items)


@dataclass(frozen=True)
class RuleNode:
    """A thin bar: its length follows, its thickness stays visible."""

    item: Item
    box: Rect

    @property
    def flat(self) -> bool:
        return self.box.w >= self.box.h

    def _thick(self, s: float, t: Terms) -> float:
        thin = min(self.box.w, self.box.h)
        return max(thin * s, min(thin * t.gm, thin), 1.0)

    def least_width(self, s: float, t: Terms) -> float:
        return min(self.box.w * s, self.wish_width(s, t)) if self.flat else self._thick(s, t)

    def wish_width(self, s: float, t: Terms) -> float:
        return self.box.w * s if self.flat else self._thick(s, t)

    def least_height(self, s: float, t: Terms, w: float) -> float:
        return self._thick(s, t) if self.flat else self.box.h * s * 0.6

    def wish_height(self, s: float, t: Terms, w: float) -> float:
        return self._thick(s, t) if self.flat else self.box.h * s

    def most_height(self, s: float, t: Terms, w: float) -> float:
        return self.wish_height(s, t, w)

    def most_width(self, s: float, t: Terms, h: float) -> float:
        return self.wish_width(s, t)

    def place(self, s: float, t: Terms, rect: Rect, spots: Spots) -> None:
        thick = self._thick(s, t)
        if self.flat:
            box = Rect(rect.x, rect.cy - thick / 2, rect.w, thick)
        else:
            box = Rect(rect.cx - thick / 2, rect.y, thick, rect.h)
        spots[self.item.id] = Spot(box, s)

    def members(self) -> list[Item]:
        return [self.item]
