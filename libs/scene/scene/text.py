"""Measuring and breaking text with the shaping that render draws with.

Widths of single words are shaped once per face and scaled; lines are broken with those, then each
line is confirmed by a real paragraph. Lines advance by `fontSize * lineHeight`, as in CSS.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from scene.elements import Edges, TextProperties
from scene.fonts import Face, registry
from scene.untyped import skia, textlayout

_UNIT = 100.0
_LAID_OUT_WIDTH = 1e7
# A confirmed line may be this much wider than its box (px) before a word moves down: rounding.
_SLACK = 0.5
_ELLIPSIS = "…"
_PIECES = re.compile(r"[^\S\n]+|\n|[^\s\u2e80-\u9fff\uf900-\ufaff\u3040-\u30ff]+|\S")
_NO_EDGES = Edges()
_DECORATIONS = {
    "underline": textlayout.TextDecoration.kUnderline,
    "line-through": textlayout.TextDecoration.kLineThrough,
}


@dataclass(frozen=True)
class Line:
    """One line as drawn: its text in logical order and its width in canvas pixels."""

    text: str
    width: float


@dataclass(frozen=True)
class TextSize:
    """`width`, `height`: the text with its padding, in canvas pixels.

    `widest_word` is the least width that breaks no word (padding included). `exceeded` says that
    `maxLines` was too few.
    """

    width: float
    height: float
    lines: tuple[Line, ...]
    font_size: float
    widest_word: float
    exceeded: bool = False


@dataclass(frozen=True)
class TextFace:
    """Everything shaping depends on but the words: face, its fallbacks, size, spacing."""

    face: Face
    aliases: tuple[str, ...]
    size: float
    letter_spacing: float
    rtl: bool = False


def numeric_weight(text: TextProperties) -> int:
    return {"normal": 400, "bold": 700}.get(text.font_weight) or int(text.font_weight)


def displayed(text: TextProperties) -> str:
    """The content after `textTransform`, with every kind of line end as `\\n`."""
    content = re.sub(r"\r\n?|\u2028|\u2029", "\n", text.content)
    match text.text_transform:
        case "uppercase":
            return content.upper()
        case "lowercase":
            return content.lower()
        case "capitalize":
            return re.sub(r"\b\w", lambda found: found.group().upper(), content)
        case _:
            return content


def text_face(text: TextProperties, font_size: float | None = None) -> TextFace:
    """The face, fallbacks and direction of a text at its own or another size."""
    weight, content = numeric_weight(text), displayed(text)
    face, aliases = _resolve(text.font_family, weight, text.font_style == "italic", content)
    size = text.font_size if font_size is None else font_size
    return TextFace(face, aliases, size, text.letter_spacing, _is_rtl(text.direction, content))


@lru_cache(maxsize=4096)
def _resolve(family: str, weight: int, italic: bool, content: str) -> tuple[Face, tuple[str, ...]]:
    fonts = registry()
    face = fonts.face(family, weight, italic)
    return face, fonts.aliases_for(face, weight, content)


def _is_rtl(direction: str, content: str) -> bool:
    if direction != "auto":
        return direction == "rtl"
    for character in content:
        kind = unicodedata.bidirectional(character)
        if kind in ("L", "R", "AL"):
            return kind != "L"
    return False


def paragraph(face: TextFace, text: str, paint: Any = None, decoration: str = "none") -> Any:
    """One laid-out, unbroken line as a Skia paragraph; drawn at its own top-left."""
    fonts = registry()
    for alias in face.aliases:
        fonts.by_alias(alias)
    style = textlayout.TextStyle()
    style.setFontFamilies([skia.String(alias) for alias in face.aliases])
    style.setFontSize(face.size)
    style.setLetterSpacing(face.letter_spacing)
    if paint is not None:
        style.setForegroundPaint(paint)
    if decoration != "none":
        style.setDecoration(_DECORATIONS[decoration])
        style.setDecorationColor(paint.getColor() if paint is not None else 0xFF000000)
    whole = textlayout.ParagraphStyle()
    whole.setTextStyle(style)
    whole.setTextAlign(textlayout.TextAlign.kLeft)
    builder = textlayout.ParagraphBuilder.make(whole, fonts.collection, fonts.unicode)
    builder.pushStyle(style)
    # The binding has no paragraph direction; a right-to-left isolate gives the same order.
    builder.addText(f"\u2067{text}\u2069" if face.rtl else text)
    built = builder.Build()
    built.layout(_LAID_OUT_WIDTH)
    return built


@lru_cache(maxsize=65_536)
def _unit_width(aliases: tuple[str, ...], word: str, rtl: bool) -> float:
    face = TextFace(registry().by_alias(aliases[0]), aliases, _UNIT, 0.0, rtl)
    return float(paragraph(face, word).MaxIntrinsicWidth) / _UNIT


@lru_cache(maxsize=16_384)
def _line_width(face: TextFace, text: str) -> float:
    if not text:
        return 0.0
    width = float(paragraph(face, text).MaxIntrinsicWidth)
    # Skia adds the spacing after the last letter too; nothing is seen there.
    return max(0.0, width - face.letter_spacing) if face.letter_spacing else width


def _word_width(face: TextFace, word: str) -> float:
    width = _unit_width(face.aliases, word, face.rtl) * face.size
    if face.letter_spacing:
        width += face.letter_spacing * sum(1 for c in word if not unicodedata.combining(c))
    return width


def measure(
    text: TextProperties, max_width: float | None = None, font_size: float | None = None
) -> TextSize:
    """Size and lines of a text in a box `max_width` px wide (None: unbounded; padding inside).

    Words are never broken: a word wider than the box stands out of it. Deterministic for one
    set of font files.
    """
    edges = text.padding or _NO_EDGES
    inner = None if max_width is None else max(0.0, max_width - edges.left - edges.right)
    size = text.font_size if font_size is None else font_size
    lines, widest, exceeded = _measured(_key(text), inner if text.wrap else None, size)
    return TextSize(
        width=max((line.width for line in lines), default=0.0) + edges.left + edges.right,
        height=len(lines) * size * text.line_height + edges.top + edges.bottom,
        lines=lines,
        font_size=size,
        widest_word=widest + edges.left + edges.right,
        exceeded=exceeded,
    )


_Key = tuple[str, str, int, bool, float, str, int | None, str]


def _key(text: TextProperties) -> _Key:
    return (
        displayed(text),
        text.font_family,
        numeric_weight(text),
        text.font_style == "italic",
        text.letter_spacing,
        text.direction,
        text.max_lines,
        text.overflow,
    )


@lru_cache(maxsize=16_384)
def _measured(key: _Key, inner: float | None, size: float) -> tuple[tuple[Line, ...], float, bool]:
    content, family, weight, italic, spacing, direction, max_lines, overflow = key
    face, aliases = _resolve(family, weight, italic, content)
    shaped = TextFace(face, aliases, size, spacing, _is_rtl(direction, content))
    broken = [line for part in content.split("\n") for line in _break(shaped, part, inner)]
    widest = max(
        (_word_width(shaped, w) for w in _PIECES.findall(content) if not w.isspace()), default=0.0
    )
    exceeded = max_lines is not None and len(broken) > max_lines
    if exceeded and overflow != "visible":
        broken = broken[:max_lines]
        if overflow == "ellipsis":
            broken[-1] = _with_ellipsis(shaped, broken[-1], inner)
    return tuple(Line(line, _line_width(shaped, line)) for line in broken), widest, exceeded


def _break(face: TextFace, content: str, inner: float | None) -> list[str]:
    """Greedy lines of one hard-broken part; each confirmed against the real shaping."""
    if inner is None:
        return [content.rstrip()]
    pieces: list[str] = _PIECES.findall(content)
    lines: list[str] = []
    start, end, width = 0, 0, 0.0
    while end < len(pieces):
        advance = _word_width(face, pieces[end])
        fits = end == start or pieces[end].isspace() or width + advance <= inner + _SLACK
        if fits:
            end, width = end + 1, width + advance
            continue
        end = _confirmed(face, pieces, start, end, inner)
        lines.append("".join(pieces[start:end]).rstrip())
        start = end = _after_space(pieces, end)
        width = 0.0
    while start < len(pieces):
        end = _confirmed(face, pieces, start, len(pieces), inner)
        lines.append("".join(pieces[start:end]).rstrip())
        start = _after_space(pieces, end)
    return lines or [""]


def _confirmed(face: TextFace, pieces: list[str], start: int, end: int, inner: float) -> int:
    """The greatest end ≤ `end` whose shaped line fits; at least one piece is kept."""
    while end > start + 1:
        line = "".join(pieces[start:end]).rstrip()
        if _line_width(face, line) <= inner + _SLACK:
            break
        end -= 1
        while end > start + 1 and pieces[end - 1].isspace():
            end -= 1
    return end


def _after_space(pieces: list[str], at: int) -> int:
    while at < len(pieces) and pieces[at].isspace():
        at += 1
    return at


def _with_ellipsis(face: TextFace, line: str, inner: float | None) -> str:
    cut = line
    while cut and inner is not None and _line_width(face, cut + _ELLIPSIS) > inner + _SLACK:
        cut = cut[:-1].rstrip()
    return cut + _ELLIPSIS


def fitted_size(text: TextProperties, width: float, height: float) -> float:
    """The font size `autoFit` gives in a box of canvas pixels; the text's own without it."""
    fit = text.auto_fit
    if fit is None or fit.mode == "none":
        return text.font_size
    most = text.font_size if fit.mode == "shrink" else (fit.max or 4000.0)
    if _fits(text, width, height, most):
        return most
    low, high = min(fit.min, most), most
    for _ in range(12):
        middle = (low + high) / 2
        if _fits(text, width, height, middle):
            low = middle
        else:
            high = middle
    return round(low, 2)


def _fits(text: TextProperties, width: float, height: float, size: float) -> bool:
    found = measure(text, width, size)
    return (
        found.height <= height + _SLACK
        and max(found.width, found.widest_word) <= width + 2 * _SLACK
        and not found.exceeded
    )
