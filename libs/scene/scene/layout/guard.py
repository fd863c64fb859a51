"""The last word: no text leaves the safe area, no text outgrows its box."""

import math

from scene.layout.board import Board
from scene.layout.crops import crop_for
from scene.layout.items import Item, TextInk, rotated_bounds
from scene.layout.types import Geometry, Measure, Rect

SPARE = 0.004


def emit(board: Board, measure: Measure) -> dict[str, Geometry]:
    """Geometry from the filled board; texts are confirmed by one real measurement each."""
    out: dict[str, Geometry] = {}
    for name, item in board.items.items():
        rect = board.rects[name]
        if item.text and not item.carried:
            out[name] = _text(item, item.text, rect, board, measure)
        elif item.text:
            out[name] = _geometry(rect, board, name, board.fonts.get(name))
        else:
            out[name] = _picture(item, rect, board)
    return out


def _geometry(rect: Rect, board: Board, name: str, font: float | None = None) -> Geometry:
    return Geometry(*rect, font_size=font, reasons=tuple(board.reasons.get(name, ("kept",))))


def _picture(item: Item, rect: Rect, board: Board) -> Geometry:
    geometry = _geometry(rect, board, item.id)
    if not item.media:
        return geometry
    crop = crop_for(item.media, item.box, rect)
    if crop is None:
        return geometry
    return Geometry(*rect, crop=crop, reasons=(*geometry.reasons, "cropped"))


def _text(item: Item, ink: TextInk, rect: Rect, board: Board, measure: Measure) -> Geometry:
    font = board.fonts[item.id]
    if item.rotation:
        return _rotated(item, rect, font, board)
    fitted = _confirmed(item.id, ink, rect, font, board, measure)
    return _geometry(fitted[0], board, item.id, fitted[1])


def _confirmed(
    name: str, ink: TextInk, rect: Rect, font: float, board: Board, measure: Measure
) -> tuple[Rect, float]:
    """Box and font at which the renderer's own shaping breaks the lines as planned."""
    safe = board.target.safe
    for _ in range(8):
        shrink = min(1.0, safe.w / max(rect.w * (1 + SPARE), 1e-6), safe.h / max(rect.h, 1e-6))
        if shrink < 1.0:
            font, rect = font * shrink * 0.995, _about(rect, shrink * 0.995)
        spare = max(1.0, rect.w * SPARE)
        width, height, lines = measure(ink.confirm, font, rect.w + spare - ink.pad_x * font)
        planned = board.lines.get(name, ink.lines)
        need = Rect(rect.x, rect.y, max(width + ink.pad_x * font, 1.0), height + ink.pad_y * font)
        if lines <= planned and need.w <= rect.w + spare:
            held = _in_safe(_boxed(rect, need, spare, ink.align), safe)
            across, down = ink.plate[0] * font, ink.plate[1] * font
            return held.inset(across, down, across, down), font
        font, rect = font * 0.975, Rect(rect.x, rect.y, rect.w, rect.h)
        board.because(name, "shrunk to keep its lines")
    return _in_safe(rect, safe), font


def _boxed(rect: Rect, need: Rect, spare: float, align: float) -> Rect:
    """The ink's box plus a little, so that no renderer wraps it again."""
    height = max(need.h, 1.0) + 1.0
    y = rect.y + (rect.h - height) / 2
    return Rect(rect.x - spare * align, y, rect.w + spare, height)


def _rotated(item: Item, rect: Rect, font: float, board: Board) -> Geometry:
    """Turned texts keep their box; the whole of it moves, and shrinks if it must."""
    safe = board.target.safe
    seen = rotated_bounds(rect, item.rotation)
    shrink = min(1.0, safe.w / max(seen.w, 1e-6), safe.h / max(seen.h, 1e-6))
    # The element's own box may be wider than its ink: only the ink has to stay inside.
    ink = rotated_bounds(_about(item.ink, 1.0), 0.0)
    part = min(1.0, ink.w / max(rotated_bounds(item.box, item.rotation).w, 1e-6))
    shrink = min(1.0, shrink / max(part, 1e-6)) if part < 1 else shrink
    rect, font = _about(rect, shrink), font * shrink
    seen = rotated_bounds(rect, item.rotation)
    inked = _about(seen, part)
    held = _in_safe(inked, safe)
    moved = rect.moved(held.x - inked.x, held.y - inked.y)
    return _geometry(moved, board, item.id, font)


def _about(rect: Rect, k: float) -> Rect:
    w, h = rect.w * k, rect.h * k
    return Rect(rect.cx - w / 2, rect.cy - h / 2, w, h)


def _in_safe(rect: Rect, safe: Rect) -> Rect:
    x = min(max(rect.x, safe.x), max(safe.x, safe.right - rect.w))
    y = min(max(rect.y, safe.y), max(safe.y, safe.bottom - rect.h))
    if not math.isfinite(x) or not math.isfinite(y):
        return Rect(safe.x, safe.y, min(rect.w, safe.w), min(rect.h, safe.h))
    return Rect(x, y, rect.w, rect.h)
