"""What each element is for, and which one carries which: read once per source canvas."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scene.layout.items import Item
from scene.layout.types import Frame, Rect, bounds

Role = Literal["background", "text", "button", "panel", "media", "rule", "edge", "decor", "carried"]


@dataclass(frozen=True)
class Roles:
    """`parent` names the carrier of an item; `block` is the box that takes part in the flow."""

    role: dict[str, Role]
    parent: dict[str, str]
    block: dict[str, Rect]
    children: dict[str, tuple[Item, ...]]


def roles_of(items: Sequence[Item], frame: Frame) -> Roles:
    seen = [item for item in items if not item.carried]
    parent = _parents(seen, frame)
    children: dict[str, tuple[Item, ...]] = {}
    for item in seen:
        if item.id in parent:
            children[parent[item.id]] = (*children.get(parent[item.id], ()), item)
    role: dict[str, Role] = {item.id: "carried" for item in items if item.carried}
    for item in seen:
        role[item.id] = _role(item, seen, children.get(item.id, ()), parent, frame)
    block = {item.id: _block(item, seen, role, parent, frame) for item in seen}
    return Roles(role, parent, block, children)


def _parents(seen: Sequence[Item], frame: Frame) -> dict[str, str]:
    parent: dict[str, str] = {}
    for item in seen:
        if item.background:
            continue
        carriers = [
            other
            for other in seen
            if _can_carry(other, item)
            and item.overlaps_in_time(other)
            and other.share(item.ink) >= (0.73 if other.round or other.rotation else 0.8)
        ]
        if carriers:
            parent[item.id] = min(carriers, key=lambda o: (o.box.area, -o.order)).id
    _add_straddlers(seen, parent, frame)
    return parent


def _can_carry(carrier: Item, item: Item) -> bool:
    if carrier.id == item.id or carrier.kind == "text" or carrier.background:
        return False
    if carrier.kind == "photo" and item.kind != "text" and carrier.locked:
        return False
    if carrier.box.area <= item.ink.area:
        return False
    return carrier.order < item.order or (carrier.outline and not carrier.rotation)


def _add_straddlers(seen: Sequence[Item], parent: dict[str, str], frame: Frame) -> None:
    """A text set half over a picture belongs to it, with the lines stacked tightly on it."""
    straddlers: list[Item] = []
    for text in seen:
        if text.kind != "text" or text.id in parent:
            continue
        panels = [p for p in seen if _straddles(text, p, frame)]
        if panels:
            parent[text.id] = min(panels, key=lambda p: (p.box.area, p.order)).id
            straddlers.append(text)
    while straddlers:
        held = straddlers.pop()
        for text in seen:
            if text.kind == "text" and text.id not in parent and _one_phrase(held, text):
                parent[text.id] = parent[held.id]
                straddlers.append(text)


def _straddles(text: Item, panel: Item, frame: Frame) -> bool:
    if panel.kind == "text" or panel.background or len(panel.bleed) >= 3 or panel.outline:
        return False
    if panel.order > text.order or not text.overlaps_in_time(panel):
        return False
    box, ink = panel.box, text.ink
    if box.area < 0.08 * frame.area or box.area < 2.5 * ink.area:
        return False
    centred = box.x <= ink.cx <= box.right or box.y <= ink.cy <= box.bottom
    return centred and ink.clip(box).area >= 0.22 * ink.area


def _one_phrase(first: Item, second: Item) -> bool:
    a, b = first.text, second.text
    if a is None or b is None or not first.overlaps_in_time(second):
        return False
    if not 0.6 <= a.font / b.font <= 1.7:
        return False
    gap = max(first.ink.y, second.ink.y) - min(first.ink.bottom, second.ink.bottom)
    across = min(first.ink.right, second.ink.right) - max(first.ink.x, second.ink.x)
    return gap < 0.35 * min(a.font, b.font) and across > 0


def _role(
    item: Item,
    seen: Sequence[Item],
    children: Sequence[Item],
    parent: dict[str, str],
    frame: Frame,
) -> Role:
    if item.background:
        return "background"
    if item.kind == "text":
        return "text"
    held = [child for child in children if child.kind in ("text", "photo")]
    texts = [child for child in held if child.kind == "text"]
    if texts and len(held) == 1 and _is_button(item, texts[0], frame):
        return "button"
    if held:
        return "panel"
    if item.kind == "photo":
        return "edge" if item.locked and item.bleed else "media"
    if _is_rule(item, seen, frame):
        return "rule"
    return "edge" if item.bleed and not _is_badge(item, seen, frame) else "decor"


def _is_button(item: Item, text: Item, frame: Frame) -> bool:
    if item.bleed or text.text is None or item.kind == "photo":
        return False
    small = item.box.area < 0.13 * frame.area
    return small and (text.text.lines <= 2 or (item.locked and item.box.area < 0.05 * frame.area))


def _is_rule(item: Item, seen: Sequence[Item], frame: Frame) -> bool:
    thin = min(item.box.w, item.box.h) <= 0.014 * max(frame.width, frame.height)
    if not thin or item.rotation or item.round or item.bleed:
        return False
    near = 0.09 * max(frame.width, frame.height)
    return any(other.kind == "text" and _distance(item.box, other.ink) < near for other in seen)


def _is_badge(item: Item, seen: Sequence[Item], frame: Frame) -> bool:
    if item.box.area >= 0.08 * frame.area:
        return False
    return any(
        other.kind == "text" and other.order > item.order and item.share(_point(other.ink)) > 0.5
        for other in seen
    )


def _block(
    item: Item, seen: Sequence[Item], role: dict[str, Role], parent: dict[str, str], frame: Frame
) -> Rect:
    """Bleeding pictures count from the safe edge inwards, half hidden ones with what is seen."""
    if item.kind == "text":
        return item.ink
    box = item.ink.clip(frame.rect)
    if item.kind == "photo" and role[item.id] in ("media", "panel"):
        box = _visible(item, box, seen, parent)
    if role[item.id] not in ("media", "panel") or not item.bleed:
        return box
    safe = frame.safe
    left = max(0.0, safe.x - box.x) if "L" in item.bleed else 0.0
    top = max(0.0, safe.y - box.y) if "T" in item.bleed else 0.0
    right = max(0.0, box.right - safe.right) if "R" in item.bleed else 0.0
    bottom = max(0.0, box.bottom - safe.bottom) if "B" in item.bleed else 0.0
    inner = box.inset(left, top, right, bottom)
    return inner if inner.w > 0.2 * box.w and inner.h > 0.2 * box.h else box


def _visible(item: Item, box: Rect, seen: Sequence[Item], parent: dict[str, str]) -> Rect:
    for other in seen:
        hides = other.order > item.order and other.solid and other.kind == "shape"
        if not hides or other.rotation or other.round or parent.get(other.id) == item.id:
            continue
        covered = box.clip(other.box)
        if covered.area <= 0:
            continue
        if covered.w >= 0.97 * box.w and covered.h < 0.75 * box.h:
            if other.box.y <= box.y:
                box = box.inset(0, covered.h, 0, 0)
            elif other.box.bottom >= box.bottom:
                box = box.inset(0, 0, 0, covered.h)
        elif covered.h >= 0.97 * box.h and covered.w < 0.75 * box.w:
            if other.box.x <= box.x:
                box = box.inset(covered.w, 0, 0, 0)
            elif other.box.right >= box.right:
                box = box.inset(0, 0, covered.w, 0)
    return box


def _point(box: Rect) -> Rect:
    return Rect(box.cx - 1, box.cy - 1, 2, 2)


def _distance(a: Rect, b: Rect) -> float:
    dx = max(a.x - b.right, b.x - a.right, 0.0)
    dy = max(a.y - b.bottom, b.y - a.bottom, 0.0)
    return max(dx, dy)


def nearest(box: Rect, others: Sequence[tuple[str, Rect]]) -> tuple[str, float] | None:
    """Id of and distance to the closest rectangle."""
    if not others:
        return None
    name, rect = min(others, key=lambda other: (_distance(box, other[1]), other[0]))
    return name, _distance(box, rect)


def hull(items: Sequence[Item], roles: Roles) -> Rect:
    return bounds([roles.block[item.id] for item in items])
