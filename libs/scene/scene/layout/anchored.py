"""Elements a person has anchored: out of the flow, at a scaled distance from their line."""

from collections.abc import Mapping

from scene.layout.board import Board
from scene.layout.items import Item
from scene.layout.nodes import Terms, font_at
from scene.layout.types import Anchor, Frame, Rect


def place_anchored(board: Board, anchors: Mapping[str, Anchor]) -> None:
    for name, anchor in sorted(anchors.items()):
        item = board.items.get(name)
        if item is None or item.carried:
            continue
        rect, scale = _anchored(item, anchor, board)
        board.put(item, rect, scale, f"anchored {anchor.horizontal} {anchor.vertical} {anchor.to}")
        if item.text:
            board.fonts[name] = item.text.font * scale
            board.lines[name] = item.text.lines


def _anchored(item: Item, anchor: Anchor, board: Board) -> tuple[Rect, float]:
    was = _lines(board.source, anchor)
    now = _lines(board.target, anchor)
    box = item.ink if item.text and not item.rotation else item.box
    scale = board.gm
    if item.text:
        floor = 0.02 * min(board.target.width, 1.6 * board.target.height)
        scale = font_at(item.text.font, scale, Terms(board.gm, floor, 1.0, 1.0)) / item.text.font
        scale = min(scale, now.w / max(box.w, 1e-6), now.h / max(box.h, 1e-6))
    x, w = _axis(box.x, box.w, (was.x, was.w), (now.x, now.w), anchor.horizontal, scale, board.gm)
    y, h = _axis(box.y, box.h, (was.y, was.h), (now.y, now.h), anchor.vertical, scale, board.gm)
    return Rect(x, y, w, h), scale


def _lines(frame: Frame, anchor: Anchor) -> Rect:
    return frame.safe if anchor.to == "safe" else frame.rect


def _axis(
    at: float,
    size: float,
    was: tuple[float, float],
    now: tuple[float, float],
    rule: str,
    scale: float,
    gm: float,
) -> tuple[float, float]:
    length = size * scale
    if rule == "stretch":
        before, after = (at - was[0]) * gm, (was[0] + was[1] - at - size) * gm
        return now[0] + before, max(now[1] - before - after, 1.0)
    if rule in ("left", "top"):
        return now[0] + (at - was[0]) * gm, length
    if rule in ("right", "bottom"):
        return now[0] + now[1] - (was[0] + was[1] - at - size) * gm - length, length
    centre = now[0] + now[1] / 2 + (at + size / 2 - was[0] - was[1] / 2) * gm
    return centre - length / 2, length
