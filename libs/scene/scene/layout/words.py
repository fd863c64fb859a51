"""Texts as words in units of their font size: shaped once, wrapped in plain arithmetic.

A solver asks hundreds of times how high a text gets at some width; shaping a paragraph each time
would take a thousand times longer than adding up word widths.
"""

import unicodedata
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from scene.layout.types import Measure

UNIT = 100.0
WORDS_KEPT = 20_000


@dataclass(frozen=True)
class Words:
    """Paragraphs of (gap before, width) in em; `line` is the line height in em."""

    paragraphs: tuple[tuple[tuple[float, float], ...], ...]
    line: float
    widest: float
    unwrapped: float

    def wrap(self, width: float) -> tuple[int, float]:
        """Number of lines and width of the longest at this width, greedily, all in em."""
        limit, lines, longest = width * 1.0005 + 1e-6, 0, 0.0
        for paragraph in self.paragraphs:
            lines += 1
            used = 0.0
            for gap, word in paragraph:
                if used and used + gap + word > limit:
                    lines += 1
                    longest, used = max(longest, used), word
                else:
                    used += (gap if used else 0.0) + word
            longest = max(longest, used)
        return max(lines, 1), longest


class Meter:
    """Remembers the width of every word of every face it was asked about."""

    def __init__(self, measure: Measure) -> None:
        self.measure = measure
        self._known: OrderedDict[tuple[Any, ...], float] = OrderedDict()

    def words(self, text: Mapping[str, Any]) -> Words:
        content = str(text.get("content") or "")
        unbroken = text.get("wrap") is False
        paragraphs = tuple(self._paragraph(text, part, unbroken) for part in content.split("\n"))
        widths = [word for paragraph in paragraphs for _, word in paragraph] or [0.0]
        whole = max((sum(g + w for g, w in p) for p in paragraphs), default=0.0)
        return Words(paragraphs, line_height(text), max(widths), whole)

    def _paragraph(
        self, text: Mapping[str, Any], part: str, unbroken: bool
    ) -> tuple[tuple[float, float], ...]:
        if unbroken or _is_lettering(part):
            return ((0.0, self._width(text, part)),) if part.strip() else ()
        space = self._width(text, "n n") - self._width(text, "nn")
        return tuple((gap * space, self._width(text, word)) for gap, word in _split(part))

    def _width(self, text: Mapping[str, Any], word: str) -> float:
        key = (*_face(text), word)
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        width = self.measure({**text, "content": word}, UNIT, 1e7)[0] / UNIT
        self._known[key] = width
        if len(self._known) > WORDS_KEPT:
            self._known.popitem(last=False)
        return width


@lru_cache(maxsize=8)
def meter_of(measure: Measure) -> Meter:
    """One meter per measure, shared by all layouts: words repeat on every canvas of every edit."""
    return Meter(measure)


def line_height(text: Mapping[str, Any]) -> float:
    return float(text.get("lineHeight") or 1.2)


def font_size(text: Mapping[str, Any]) -> float:
    return max(float(text.get("fontSize") or 48.0), 0.01)


def padding(text: Mapping[str, Any]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom room inside the box that is not text, in em."""
    size = font_size(text)
    inner: Mapping[str, Any] = text.get("padding") or {}
    sides = [float(inner.get(side) or 0.0) for side in ("left", "top", "right", "bottom")]
    left, top, right, bottom = (side / size for side in sides)
    return left, top, right, bottom


def plate(text: Mapping[str, Any]) -> tuple[float, float]:
    """How far the plate behind a text reaches out of its lines, across and down, in em."""
    behind: Mapping[str, Any] = text.get("background") or {}
    if not behind or not behind.get("enabled", True):
        return 0.0, 0.0
    size = font_size(text)
    return float(behind.get("paddingX") or 0.0) / size, float(behind.get("paddingY") or 0.0) / size


def _face(text: Mapping[str, Any]) -> tuple[Any, ...]:
    spacing = float(text.get("letterSpacing") or 0.0) / font_size(text)
    return (
        text.get("fontFamily"),
        str(text.get("fontWeight")),
        text.get("fontStyle"),
        text.get("textTransform"),
        round(spacing, 5),
    )


def _is_lettering(part: str) -> bool:
    """`S A L E`: spaces between single letters are drawing, not places to break."""
    pieces = part.split()
    return len(pieces) > 2 and all(len(piece) == 1 for piece in pieces)


def _split(part: str) -> list[tuple[int, str]]:
    """(spaces before, piece); scripts without spaces may break at every character."""
    pieces: list[tuple[int, str]] = []
    spaces, word = 0, ""
    for char in part:
        if char == " " or char == "\t":
            if word:
                pieces.append((spaces, word))
                spaces, word = 0, ""
            spaces += 1
        elif unicodedata.east_asian_width(char) in "WF":
            if word:
                pieces.append((spaces, word))
            pieces.append((spaces if not word else 0, char))
            spaces, word = 0, ""
        else:
            word += char
    if word:
        pieces.append((spaces, word))
    return pieces
