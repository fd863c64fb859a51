"""One edit of one element, taken to another canvas without laying that canvas out anew."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from scene.layout.carrying import Pair, Scene, carried_box
from scene.layout.crops import crop_for
from scene.layout.items import Item, ink_box, item_of, items_of
from scene.layout.types import Element, Frame, Geometry, Measure, Rect, rounded
from scene.layout.words import Meter, meter_of

FONTS = (1.0, 0.9, 0.8, 0.7)
COLLISION = 0.16
# A text that grew is read: even the end of a line under a picture is a fault.
TEXT_COLLISION = 0.02


@dataclass(frozen=True)
class Side:
    """A canvas as one edit sees it. `links` gives elements of both canvases one common name."""

    frame: Frame
    elements: Sequence[Element]
    links: Mapping[str, str]


@dataclass(frozen=True)
class _Work:
    """The target while tries are made: the member, everyone else, and what they may do."""

    scene: Scene
    member: Item
    others: tuple[Item, ...]
    met: frozenset[str]
    fixed: frozenset[str]
    floor: float

    @property
    def collision(self) -> float:
        return TEXT_COLLISION if self.member.text else COLLISION


def transfer(
    source: Side,
    target: Side,
    *,
    edited: str,
    member: str,
    pair: Pair,
    measure: Measure,
    fixed: Iterable[str] = (),
) -> dict[str, Geometry]:
    """New geometry of `member` on the target, and of what a grown text pushes along, by id.

    `source` is the edited canvas after the edit, `target` the other one with the copied values
    (content, style) already on its elements but its old places. `pair` is the reference the new
    place is derived from. `fixed` elements (locked, overridden) never move and stop the flow.
    The first try without a new collision wins; else the one with the fewest.
    """
    meter = meter_of(measure)
    lead = next(e for e in source.elements if str(e["id"]) == edited)
    now = item_of(lead, 0, source.frame, meter)
    work = _work((source, target), (edited, member), pair, meter, frozenset(fixed))
    tries = _text_tries(work, pair, now) if now.text else _box_tries(work, pair, now)
    best: tuple[int, dict[str, Geometry]] | None = None
    for attempt in tries:
        faults = _faults(work, attempt)
        if best is None or faults < best[0]:
            best = (faults, attempt)
        if not faults:
            break
    placed = best[1] if best else {}
    return {name: _tidy(geometry) for name, geometry in sorted(placed.items())}


def _work(
    sides: tuple[Side, Side],
    names: tuple[str, str],
    pair: Pair,
    meter: Meter,
    fixed: frozenset[str],
) -> _Work:
    (source, target), (edited, member) = sides, names
    items = {item.id: item for item in items_of(target.elements, target.frame, meter)}
    own = items.pop(member)
    others = tuple(i for i in items.values() if not i.background and not i.carried)
    seen = {i.id: i for i in items_of(source.elements, source.frame, meter)}
    shared = {name: key for key, name in source.links.items() if key in seen and key != edited}
    here = {n: seen[key].ink for n, key in shared.items() if n in target.links.values()}
    there = {n: items[key].ink for key, n in target.links.items() if key in items and n in here}
    scene = Scene(source.frame, target.frame, {n: here[n] for n in there}, there)
    stood, limit = (own.box, TEXT_COLLISION) if own.text else (own.ink, COLLISION)
    met = {i.id for i in others if stood.overlap(i.ink) > limit}
    # A text that grew is judged with the room it had: its own collision would excuse every other.
    lead = seen[edited]
    shown = Rect(*lead.box[:2], *pair.source[2:]) if lead.text else lead.ink
    met |= {key for key, n in target.links.items() if n in there and shown.overlap(here[n]) > limit}
    floor = 0.02 * min(target.frame.width, 1.6 * target.frame.height)
    return _Work(scene, own, others, frozenset(met), fixed, floor)


def _box_tries(work: _Work, pair: Pair, now: Item) -> Iterator[dict[str, Geometry]]:
    """Moves and resizes: with alignments, in proportion, then less and less of it."""
    room = work.scene.target.rect
    for snap, part in ((True, 1.0), (False, 1.0), (False, 0.75), (False, 0.5), (False, 0.25)):
        box = carried_box(pair, now.box, work.scene, snap=snap, part=part)
        reason = "moved along, aligned" if snap else f"moved along {part:g}"
        held = _held(box, room, pair.own)
        crop = crop_for(now.media, now.box, held) if now.media else None
        yield {work.member.id: Geometry(*held, crop=crop, reasons=(reason,))}


def _text_tries(work: _Work, pair: Pair, now: Item) -> Iterator[dict[str, Geometry]]:
    """A text at its size, with what follows pushed down or up, then smaller."""
    ink = work.member.text
    if ink is None or now.text is None:
        return
    base = pair.own_font or ink.font
    if pair.source_font:
        base *= now.text.font / pair.source_font
    spot = carried_box(pair, now.box, work.scene, snap=True)
    for factor in FONTS:
        font = max(base * factor, min(work.floor, base))
        grown = _grown(work, now, spot, font)
        for flow in (None, "down", "up"):
            pushed = _pushed(work, grown, font, flow)
            if pushed is not None:
                reason = f"font {factor:g}" + (f", flow {flow}" if flow else "")
                yield {**pushed, work.member.id: Geometry(*grown, font, None, (reason,))}


def _grown(work: _Work, now: Item, spot: Rect, font: float) -> Rect:
    """The text's box at this font: as wide as it was or its longest word, as high as its lines."""
    ink, safe = work.member.text, work.scene.target.safe
    if ink is None:
        return spot
    least = ink.words.widest * font + ink.pad_x * font
    width = min(max(spot.w, least * 1.004), max(safe.w, least))
    lines, em = ink.words.wrap(width / font - ink.pad_x)
    if now.text and lines > now.text.lines and now.text.lines <= 2:
        # Short lines keep their number if the safe area has the room.
        width = min(max(width, ink.words.unwrapped * font / now.text.lines * 1.02), safe.w)
        lines, em = ink.words.wrap(width / font - ink.pad_x)
    height = (lines * ink.words.line + ink.pad_y) * font + 1
    width = max(width, (em + ink.pad_x) * font)
    high = max(height, spot.h) if height <= spot.h else height
    x = spot.x + (spot.w - width) * ink.align
    return _held(Rect(x, spot.y, width, high), safe, Rect(safe.x, safe.y, 0, 0))


def _pushed(work: _Work, grown: Rect, font: float, flow: str | None) -> dict[str, Geometry] | None:
    """What stands after (or before) the text makes room; None where something cannot."""
    if flow is None:
        return {}
    down = flow == "down"
    was = work.member.box  # its ink is already that of the new words
    column = [i for i in work.others if i.id not in work.met and _in_way(i, was, grown, down)]
    column.sort(key=lambda i: i.ink.y if down else -i.ink.bottom)
    placed: dict[str, Geometry] = {}
    edge, old_edge = (grown.bottom, was.bottom) if down else (grown.y, was.y)
    for item in column:
        gap = (item.ink.y - old_edge) if down else (old_edge - item.ink.bottom)
        keep = min(gap, max(0.45 * gap, 0.6 * font)) if gap > 0 else gap
        shift = edge + keep - item.ink.y if down else edge - keep - item.ink.bottom
        if (shift <= 0) if down else (shift >= 0):
            break
        box, safe = item.box.moved(0, shift), work.scene.target.safe
        ink = item.ink.moved(0, shift)
        if item.id in work.fixed or ink.y < safe.y or ink.bottom > safe.bottom + 1:
            return None
        placed[item.id] = Geometry(*box, item.text.font if item.text else None, None, ("flow",))
        edge, old_edge = (ink.bottom, item.ink.bottom) if down else (ink.y, item.ink.y)
    return placed


def _in_way(item: Item, was: Rect, grown: Rect, down: bool) -> bool:
    beside = item.ink.right <= grown.x or item.ink.x >= grown.right
    after = item.ink.cy > was.cy if down else item.ink.cy < was.cy
    return not beside and after and not item.bleed


def _faults(work: _Work, placed: Mapping[str, Geometry]) -> int:
    """Collisions that were not there before, and text that left the safe area."""
    boxes = {item.id: _ink(item, placed) for item in (*work.others, work.member)}
    own, safe = boxes[work.member.id], work.scene.target.safe
    faults = 0
    for item in work.others:
        counts = "text" in (item.kind, work.member.kind) or item.kind == work.member.kind == "photo"
        if not counts or item.id in work.met or not item.overlaps_in_time(work.member):
            continue
        faults += own.overlap(boxes[item.id]) > work.collision
    if work.member.text:
        faults += own.clip(safe).area < 0.985 * own.area
    return faults


def _ink(item: Item, placed: Mapping[str, Geometry]) -> Rect:
    """The ink at its new place; lines of a text as they wrap in its new box."""
    geometry = placed.get(item.id)
    if geometry is None:
        return item.ink
    if item.text is None or geometry.font_size is None:
        return geometry.rect
    font = geometry.font_size
    lines, em = item.text.words.wrap(geometry.width / font - item.text.pad_x)
    moved = replace(item.text, font=font, lines=lines, width=em * font)
    return ink_box(moved, geometry.rect, item.text.confirm)


def _held(box: Rect, room: Rect, before: Rect) -> Rect:
    """Kept in `room`, as far as it was inside before."""
    left, top = min(room.x, before.x), min(room.y, before.y)
    right, bottom = max(room.right, before.right), max(room.bottom, before.bottom)
    x = max(min(box.x, right - box.w), left)
    y = max(min(box.y, bottom - box.h), top)
    return Rect(x, y, box.w, box.h)


def _tidy(geometry: Geometry) -> Geometry:
    font = geometry.font_size
    return Geometry(
        rounded(geometry.x),
        rounded(geometry.y),
        rounded(geometry.width),
        rounded(geometry.height),
        None if font is None else rounded(font),
        geometry.crop,
        geometry.reasons,
    )
