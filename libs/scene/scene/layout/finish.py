"""Everything that is not in the flow: backgrounds, edges, decoration, and what bleeds."""

from scene.layout.board import Board
from scene.layout.items import Item
from scene.layout.roles import nearest
from scene.layout.types import Rect

NEAR = 0.03


def cover(board: Board) -> None:
    """Backgrounds reach every edge they reached before; an inset one keeps its margin."""
    for item in board.items.values():
        if board.roles.role[item.id] != "background":
            continue
        frame, box, gm = board.source, item.box, board.gm
        left = 0.0 if "L" in item.bleed else box.x * gm
        top = 0.0 if "T" in item.bleed else box.y * gm
        right = 0.0 if "R" in item.bleed else (frame.width - box.right) * gm
        bottom = 0.0 if "B" in item.bleed else (frame.height - box.bottom) * gm
        board.put(item, board.target.rect.inset(left, top, right, bottom), gm, "covers")


def extend(board: Board, changed: bool) -> None:
    """Pictures and panels that touched a canvas edge do so again, unless they would hide text."""
    safe, whole = board.target.safe, board.target.rect
    near = 0.015 * min(whole.w, whole.h)
    for item in board.items.values():
        if board.roles.role[item.id] not in ("media", "panel") or item.id not in board.rects:
            continue
        if item.locked or not item.bleed:
            continue
        edges = frozenset("LTRB") if changed and len(item.bleed) >= 3 else item.bleed
        rect = board.rects[item.id]
        left = whole.x if "L" in edges and rect.x - safe.x < near else rect.x
        top = whole.y if "T" in edges and rect.y - safe.y < near else rect.y
        right = whole.right if "R" in edges and safe.right - rect.right < near else rect.right
        low = whole.bottom if "B" in edges and safe.bottom - rect.bottom < near else rect.bottom
        wide = Rect(left, top, right - left, low - top)
        if wide != rect and not _newly_covers(board, item, rect, wide):
            board.rects[item.id] = wide
            board.because(item.id, "held to edge " + "".join(sorted(edges)))


def _newly_covers(board: Board, item: Item, before: Rect, after: Rect) -> bool:
    own = {child.id for child in board.roles.children.get(item.id, ())}
    for text, rect in board.texts():
        if text.id in own or text.order < item.order:
            continue
        gained = rect.clip(after).area - rect.clip(before).area
        if gained > 0.05 * rect.area:
            return True
    return False


def decorate(board: Board) -> None:
    """Small pieces follow the text or picture they belong to, others the panel or the canvas."""
    anchors = [
        (name, board.roles.block[name])
        for name, rect in board.rects.items()
        if board.roles.role[name] in ("text", "media", "button", "panel") and rect.area > 0
    ]
    for item in board.items.values():
        if item.id in board.rects or item.carried:
            continue
        near = nearest(item.ink, anchors)
        parent = board.roles.parent.get(item.id)
        if (
            near
            and near[1] < NEAR * board.source.area**0.5
            and item.ink.area < 0.25 * board.source.area
        ):
            anchor, reason = near[0], f"follows {near[0]}"
        elif parent and parent in board.rects:
            anchor, reason = parent, f"follows {parent}"
        else:
            anchor, reason = None, "kept in proportion"
        rect, k = _followed(item, anchor, board)
        rect = _kept_off(item, rect, board) if item.ink.area < 0.1 * board.source.area else rect
        board.put(item, rect, k, reason)


def _followed(item: Item, anchor: str | None, board: Board) -> tuple[Rect, float]:
    was = board.roles.block[anchor] if anchor else board.source.rect
    now = board.rects[anchor] if anchor else board.target.rect
    k = min(board.scales[anchor], 1.25 * board.gm) if anchor else board.gm
    w, h = item.box.w * k, item.box.h * k
    cx = _relative(item.box.cx, was.x, was.w, now.x, now.w, k)
    cy = _relative(item.box.cy, was.y, was.h, now.y, now.h, k)
    return Rect(cx - w / 2, cy - h / 2, w, h), k


def _relative(at: float, start: float, size: float, now: float, length: float, k: float) -> float:
    if at < start:
        return now - (start - at) * k
    if at > start + size:
        return now + length + (at - start - size) * k
    return now + (at - start) / max(size, 1e-6) * length


def _kept_off(item: Item, rect: Rect, board: Board) -> Rect:
    """Pushed the short way off any text it did not touch before, and back onto the canvas."""
    for text, placed in board.texts():
        if item.ink.clip(text.ink).area > 0 or not item.overlaps_in_time(text):
            continue
        if rect.clip(placed).area <= 0:
            continue
        moves: list[tuple[float, float]] = [
            (placed.x - rect.right, 0.0),
            (placed.right - rect.x, 0.0),
            (0.0, placed.y - rect.bottom),
            (0.0, placed.bottom - rect.y),
        ]
        rect = rect.moved(*min(moves, key=_length))
    if item.bleed:
        return rect
    whole = board.target.rect
    dx = max(0.0, whole.x - rect.x) - max(0.0, rect.right - whole.right)
    dy = max(0.0, whole.y - rect.y) - max(0.0, rect.bottom - whole.bottom)
    return rect.moved(dx, dy)


def _length(move: tuple[float, float]) -> float:
    return abs(move[0]) + abs(move[1])


def carry(board: Board) -> None:
    """What cannot be seen keeps its proportion, so that showing it again finds it in place."""
    sx = board.target.width / board.source.width
    sy = board.target.height / board.source.height
    for item in board.items.values():
        if item.carried and item.id not in board.rects:
            w, h = item.box.w * board.gm, item.box.h * board.gm
            rect = Rect(item.box.cx * sx - w / 2, item.box.cy * sy - h / 2, w, h)
            board.put(item, rect, board.gm, "carried along")
            if item.text:
                board.fonts[item.id] = item.text.font * board.gm
