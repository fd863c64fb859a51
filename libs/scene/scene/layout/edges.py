"""Decoration that bleeds over the canvas edge, and plates behind texts."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from scene.layout.board import Board
from scene.layout.items import Item, rotated_bounds
from scene.layout.types import Rect, bounds

SHRINK, SHRINKS = 0.82, 12
TOGETHER, GLUED = 0.7, 0.006


def plates(board: Board) -> None:
    """Large bleeding circles behind texts: at their edge if that still carries the texts."""
    for item in board.items.values():
        children = [c for c in board.roles.children.get(item.id, ()) if c.id in board.rects]
        is_plate = board.roles.role[item.id] == "panel" and item.locked and item.bleed
        if not is_plate or not children:
            continue
        best: tuple[float, Rect, float] | None = None
        for rect, k in _ways(item, children, board):
            harm = _harm(item, rect, children, board)
            if best is None or harm < best[0]:
                best = (harm, rect, k)
            if harm == 0.0:
                break
        if best:
            board.put(item, best[1], best[2], "plate behind its text")


def _ways(item: Item, children: Sequence[Item], board: Board) -> Iterator[tuple[Rect, float]]:
    for grow in (1.0, 1.25, 1.5):
        yield at_edge(item, board, board.gm * grow), board.gm * grow
    yield from _followed(item, children, board)


def _harm(item: Item, rect: Rect, children: Sequence[Item], board: Board) -> float:
    """What a plate spoils: texts it no longer carries count most, then texts it newly reaches."""
    held = {child.id for child in children}
    lost = 0.0 if _carries(item, rect, children, board) else 2.0
    return lost + _new_share(item, rect, board, held)


def _followed(item: Item, children: Sequence[Item], board: Board) -> Iterator[tuple[Rect, float]]:
    """A similarity of its texts; then smaller, and pushed towards the edge it bleeds over."""
    was = bounds([child.ink for child in children])
    now = bounds([board.rects[child.id] for child in children])
    full = math.hypot(now.w, now.h) / max(math.hypot(was.w, was.h), 1e-6)
    across = ("R" in item.bleed) - ("L" in item.bleed)
    down = ("B" in item.bleed) - ("T" in item.bleed)
    for part in (1.0, 0.9, 0.8, 0.7, 0.6):
        rect = _like(item.box, was, now, full * part)
        for push in (0.0, 0.08, 0.16, 0.24):
            yield rect.moved(across * push * rect.w, down * push * rect.h), full * part


def _carries(item: Item, rect: Rect, children: Sequence[Item], board: Board) -> bool:
    moved = _at(item, rect)
    return all(
        moved.share(board.rects[child.id]) >= item.share(child.ink) - 0.05 for child in children
    )


def _hits(item: Item, rect: Rect, board: Board) -> bool:
    """True if the true outline newly reaches under (or over) a text."""
    return _new_share(item, rect, board, set()) > 0.05


def _new_share(item: Item, rect: Rect, board: Board, besides: set[str]) -> float:
    """The largest part of another text that the outline covers now and did not before."""
    moved = _at(item, rect)
    gained = [
        moved.share(placed) - item.share(text.ink)
        for text, placed in board.texts()
        if text.id not in besides and item.overlaps_in_time(text)
    ]
    return max([0.0, *gained])


def _at(item: Item, rect: Rect) -> Item:
    return replace(item, box=rect)


def _like(box: Rect, was: Rect, now: Rect, k: float) -> Rect:
    w, h = box.w * k, box.h * k
    cx = now.cx + (box.cx - was.cx) * k
    cy = now.cy + (box.cy - was.cy) * k
    return Rect(cx - w / 2, cy - h / 2, w, h)


def edges(board: Board) -> None:
    """Bleeding decoration stays at its edge and shrinks until it reaches no further text."""
    for cluster in clusters(board):
        whole = _as_one(cluster)
        k = board.gm
        rect = _glued(whole, at_edge(whole, board, k), board)
        for _ in range(SHRINKS):
            if not any(_hits(i, _inside(i, whole, rect), board) for i in cluster):
                break
            k *= SHRINK
            rect = _glued(whole, at_edge(whole, board, k), board)
        reason = "held to edge " + "".join(sorted(whole.bleed)) if whole.bleed else "one drawing"
        for item in cluster:
            board.put(item, _inside(item, whole, rect), k, reason)


def clusters(board: Board) -> list[list[Item]]:
    """Edge decoration, joined with any decoration it is drawn into: rings stay concentric."""
    loose = [i for i in board.items.values() if board.roles.role[i.id] in ("edge", "decor")]
    groups: list[list[Item]] = []
    for item in loose:
        if item.id in board.rects or item.carried:
            continue
        joined = [g for g in groups if any(item.ink.overlap(o.ink) > TOGETHER for o in g)]
        merged = [member for group in joined for member in group] + [item]
        groups = [group for group in groups if group not in joined] + [merged]
    return [g for g in groups if len(g) > 1 or board.roles.role[g[0].id] == "edge"]


def _as_one(cluster: Sequence[Item]) -> Item:
    if len(cluster) == 1:
        return cluster[0]
    box = bounds([item.ink for item in cluster])
    bleed = frozenset(edge for item in cluster for edge in item.bleed)
    return replace(cluster[0], box=box, ink=box, bleed=bleed, rotation=0.0, locked=True)


def _inside(item: Item, whole: Item, rect: Rect) -> Rect:
    if item.id == whole.id and item.box == whole.box:
        return rect
    k = rect.w / max(whole.box.w, 1e-6)
    cx = rect.x + (item.box.cx - whole.box.x) * k
    cy = rect.y + (item.box.cy - whole.box.y) * k
    return Rect(cx - item.box.w * k / 2, cy - item.box.h * k / 2, item.box.w * k, item.box.h * k)


def _glued(item: Item, rect: Rect, board: Board) -> Rect:
    """A sun behind the horizon, a line along it: what meets a bleeding panel's edge follows it."""
    for name, panel in board.items.items():
        followed = board.roles.role[name] in ("panel", "media") and name in board.rects
        if not followed or not panel.bleed or panel.locked:
            continue
        was, now, k = panel.box, board.rects[name], rect.h / max(item.box.h, 1e-6)
        free_y = not {"T", "B"} & item.bleed
        for before, after in ((was.y, now.y), (was.bottom, now.bottom)):
            if free_y and _meets(item.box, before, board) and 0 < after < board.target.height:
                return Rect(rect.x, after + (item.box.y - before) * k, rect.w, rect.h)
    return rect


def _meets(box: Rect, line: float, board: Board) -> bool:
    near = GLUED * board.source.height
    return box.y - near <= line <= box.bottom + near and 0 < line < board.source.height


def at_edge(item: Item, board: Board, k: float) -> Rect:
    """The box at scale k, held to the edges it touches; bands stretch, halves stay halves."""
    source, target, seen = board.source, board.target, rotated_bounds(item.box, item.rotation)
    x, w = _along(
        seen.x, seen.w, source.width, target.width, k, "L" in item.bleed, "R" in item.bleed, item
    )
    y, h = _along(
        seen.y, seen.h, source.height, target.height, k, "T" in item.bleed, "B" in item.bleed, item
    )
    if not item.locked:
        return Rect(x, y, w, h)
    cx, cy, bw, bh = x + w / 2, y + h / 2, item.box.w * k, item.box.h * k
    return Rect(cx - bw / 2, cy - bh / 2, bw, bh)


def _along(
    at: float, size: float, whole: float, now: float, k: float, low: bool, high: bool, item: Item
) -> tuple[float, float]:
    if low and high and not item.locked:
        start, end = min(at * k, 0.0), now + max((at + size - whole) * k, 0.0)
        return start, end - start
    fraction = size >= 0.4 * whole and not item.locked and (low or high)
    length = size * now / whole if fraction else size * k
    if low and not high:
        return at * k, length
    if high and not low:
        return now - (whole - at - size) * k - length, length
    return (at + size / 2) / whole * now - length / 2, length
