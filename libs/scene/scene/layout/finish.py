"""Everything that is not in the flow: backgrounds, edges, decoration, and what bleeds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from scene.layout.items import Item, rotated_bounds
from scene.layout.roles import Roles, nearest
from scene.layout.types import Frame, Rect, bounds

SHRINK, SHRINKS = 0.82, 12
NEAR = 0.03


@dataclass
class Board:
    """The target canvas while it is being filled: boxes (texts: ink), fonts, scales and reasons."""

    source: Frame
    target: Frame
    items: dict[str, Item]
    roles: Roles
    gm: float
    rects: dict[str, Rect] = field(default_factory=dict[str, Rect])
    fonts: dict[str, float] = field(default_factory=dict[str, float])
    lines: dict[str, int] = field(default_factory=dict[str, int])
    scales: dict[str, float] = field(default_factory=dict[str, float])
    reasons: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def put(self, item: Item, rect: Rect, scale: float, reason: str) -> None:
        self.rects[item.id] = rect
        self.scales[item.id] = scale
        self.because(item.id, reason)

    def because(self, name: str, reason: str) -> None:
        self.reasons.setdefault(name, []).append(reason)

    def texts(self) -> list[tuple[Item, Rect]]:
        return [
            (item, self.rects[name])
            for name, item in self.items.items()
            if item.text and name in self.rects and not item.carried
        ]


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


def plates(board: Board) -> None:
    """Large bleeding circles behind texts: at their edge if that still carries the texts."""
    for item in board.items.values():
        children = [c for c in board.roles.children.get(item.id, ()) if c.id in board.rects]
        is_plate = board.roles.role[item.id] == "panel" and item.locked and item.bleed
        if not is_plate or not children:
            continue
        held = {child.id for child in children}
        for grow in (1.0, 1.25, 1.5):
            rect = at_edge(item, board, board.gm * grow)
            if _carries(item, rect, children, board) and not _hits(item, rect, board, held):
                board.put(item, rect, board.gm * grow, "plate at its edge")
                break
        else:
            was = bounds([child.ink for child in children])
            now = bounds([board.rects[child.id] for child in children])
            k = ((now.w**2 + now.h**2) / (was.w**2 + was.h**2)) ** 0.5
            board.put(item, _like(item.box, was, now, k), k, "plate follows its text")


def _carries(item: Item, rect: Rect, children: Sequence[Item], board: Board) -> bool:
    moved = _at(item, rect)
    return all(
        moved.share(board.rects[child.id]) >= item.share(child.ink) - 0.05 for child in children
    )


def _hits(item: Item, rect: Rect, board: Board, besides: set[str]) -> bool:
    """True if the true outline newly reaches under (or over) a text."""
    moved = _at(item, rect)
    return any(
        moved.share(placed) > item.share(text.ink) + 0.05
        for text, placed in board.texts()
        if text.id not in besides
    )


def _at(item: Item, rect: Rect) -> Item:
    return replace(item, box=rect)


def _like(box: Rect, was: Rect, now: Rect, k: float) -> Rect:
    w, h = box.w * k, box.h * k
    cx = now.cx + (box.cx - was.cx) * k
    cy = now.cy + (box.cy - was.cy) * k
    return Rect(cx - w / 2, cy - h / 2, w, h)


def edges(board: Board) -> None:
    """Bleeding decoration stays at its edge and shrinks until it reaches no further text."""
    for item in board.items.values():
        if board.roles.role[item.id] != "edge":
            continue
        k = board.gm
        rect = at_edge(item, board, k)
        for _ in range(SHRINKS):
            if not _hits(item, rect, board, set()):
                break
            k *= SHRINK
            rect = at_edge(item, board, k)
        board.put(item, rect, k, "held to edge " + "".join(sorted(item.bleed)))


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


FINISHES: tuple[Callable[[Board], None], ...] = (plates, edges, decorate, carry)
