"""Hard faults of a re-layout: each makes one (design, format) pair fail."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scene.layout import Frame, Geometry, Measure, Rect
from scene.layout.crops import focus_part, shown_part
from scene.layout.items import Item, rotated_bounds


@dataclass(frozen=True)
class Placed:
    """An element as it stands on one canvas: box, ink and font."""

    item: Item
    box: Rect
    ink: Rect
    font: float
    crop: Rect | None


def before(items: Sequence[Item]) -> dict[str, Placed]:
    return {
        item.id: Placed(item, item.box, item.ink, item.text.font if item.text else 0.0, None)
        for item in items
    }


def after(
    items: Sequence[Item], placed: Mapping[str, Geometry], measure: Measure
) -> dict[str, Placed]:
    return {item.id: _after(item, placed[item.id], measure) for item in items if item.id in placed}


def _after(item: Item, geometry: Geometry, measure: Measure) -> Placed:
    box = geometry.rect
    crop = geometry.crop
    rect = Rect(crop.x, crop.y, crop.width, crop.height) if crop else None
    if item.text is None:
        return Placed(item, box, rotated_bounds(box, item.rotation), 0.0, rect)
    font = geometry.font_size or item.text.font
    width, height, _ = measure(item.text.confirm, font, box.w)
    x = box.x + (box.w - width) * item.text.align
    ink = Rect(x, box.cy - height / 2, width, height)
    return Placed(item, box, rotated_bounds(ink, item.rotation), font, rect)


def faults(
    items: Sequence[Item],
    source: Frame,
    target: Frame,
    placed: Mapping[str, Geometry],
    measure: Measure,
) -> set[str]:
    seen = [item for item in items if not item.carried]
    was, now = before(seen), after(seen, placed, measure)
    found = {"missing"} if len(now) < len(seen) else set[str]()
    for item in seen:
        if item.id in now:
            found |= _own(item, was[item.id], now[item.id], source, target, measure)
    found |= _pairs(seen, was, now)
    if any(item.background for item in seen) and not _covered(seen, now, target):
        found.add("cover")
    return found


def _own(
    item: Item, was: Placed, now: Placed, source: Frame, target: Frame, measure: Measure
) -> set[str]:
    found: set[str] = set()
    if item.text:
        if now.ink.clip(target.safe).area < 0.985 * now.ink.area:
            found.add("safe")
        height = measure(item.text.confirm, now.font, now.box.w)[1]
        word = item.text.words.widest * now.font
        if height > 1.03 * now.box.h or word > now.box.w * 1.005:
            found.add("overflow")
        floor = 0.02 * min(target.width, 1.6 * target.height)
        due = min(floor, 0.8 * was.font * math.sqrt(target.area / source.area))
        if now.font < 0.95 * due:
            found.add("small")
    elif item.kind == "photo" and not item.locked:
        found |= _photo(item, now, target)
    elif item.locked and abs(_ratio(now.box) - _ratio(was.box)) > 0.03:
        found.add("distort")
    if not item.background and not item.bleed:
        inside = was.ink.clip(source.rect).area / max(was.ink.area, 1e-6)
        kept = now.ink.clip(target.rect).area / max(now.ink.area, 1e-6)
        if inside > 0.999 and kept < 0.96:
            found.add("off")
    return found


def _ratio(box: Rect) -> float:
    return math.log(max(box.w, 1e-6) / max(box.h, 1e-6))


def _photo(item: Item, now: Placed, target: Frame) -> set[str]:
    media = item.media or {}
    nw, nh = float(media.get("naturalWidth") or 0), float(media.get("naturalHeight") or 0)
    if not nw or not nh or now.crop is None:
        return set()
    crop = Rect(now.crop.x * nw, now.crop.y * nh, now.crop.w * nw, now.crop.h * nh)
    found: set[str] = set()
    if abs(_ratio(now.box) - _ratio(crop)) > 0.03:
        found.add("distort")
    focus = focus_part(media, shown_part(media, item.box, nw, nh), nw, nh)
    k = now.box.w / crop.w
    seen = focus.clip(crop)
    on = Rect(
        now.box.x + (seen.x - crop.x) * k, now.box.y + (seen.y - crop.y) * k, seen.w * k, seen.h * k
    )
    if on.clip(target.rect).area / k**2 < 0.65 * focus.area:
        found.add("subject")
    return found


def _pairs(seen: Sequence[Item], was: dict[str, Placed], now: dict[str, Placed]) -> set[str]:
    found: set[str] = set()
    for a in seen:
        for b in seen:
            if a.id >= b.id or a.id not in now or b.id not in now:
                continue
            counts = "text" in (a.kind, b.kind) or a.kind == b.kind == "photo"
            if a.background or b.background or not counts:
                continue
            more = _cover(now[a.id], now[b.id]) - _cover(was[a.id], was[b.id])
            if more - 0.06 > 0.10:
                found.add("overlap")
    for child in seen:
        found |= _standing(child, seen, was, now)
    return found


def _cover(a: Placed, b: Placed) -> float:
    for one, other in ((a, b), (b, a)):
        if (one.item.round or one.item.rotation) and other.item.text and not one.item.text:
            return _share(one, other.ink)
    return a.ink.overlap(b.ink)


def _share(holder: Placed, box: Rect) -> float:
    from dataclasses import replace

    return replace(holder.item, box=holder.box).share(box)


def _standing(
    child: Item, seen: Sequence[Item], was: dict[str, Placed], now: dict[str, Placed]
) -> set[str]:
    found: set[str] = set()
    for holder in seen:
        if holder.id == child.id or holder.text or holder.background or child.background:
            continue
        if holder.order > child.order or holder.box.area <= child.ink.area:
            continue
        share = _share(was[holder.id], was[child.id].ink)
        if share >= 0.8 and _share(now[holder.id], now[child.id].ink) < 0.9 * share:
            found.add("containment")
    if child.text and _under(child, seen, was) != _under(child, seen, now):
        found.add("underlay")
    return found


def _under(text: Item, seen: Sequence[Item], at: dict[str, Placed]) -> str | None:
    ink = at[text.id].ink
    point = Rect(ink.cx, ink.cy, 0.01, 0.01)
    below = [
        item
        for item in seen
        if item.order < text.order and item.solid and _share(at[item.id], point) > 0.5
    ]
    return max(below, key=lambda item: item.order).id if below else None


def _covered(seen: Sequence[Item], now: dict[str, Placed], target: Frame) -> bool:
    """Sampled on a 40 x 40 grid; inset backgrounds are allowed their own margin."""
    boxes = [now[i.id].box for i in seen if i.background and len(i.bleed) == 4]
    if not boxes:
        return True
    bare = 0
    for row in range(40):
        for column in range(40):
            x, y = (column + 0.5) * target.width / 40, (row + 0.5) * target.height / 40
            if not any(b.x <= x <= b.right and b.y <= y <= b.bottom for b in boxes):
                bare += 1
    return bare <= 16
