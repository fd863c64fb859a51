"""What a canvas gets when it joins a project, a template or, again, its groups. Plans only."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from projects.domain.arrange import Layout, frame_of, with_box
from projects.domain.catalogue_facts import FormatFacts
from projects.domain.json_values import JsonObject, differences, put_all
from projects.domain.pairs import length_factor, pairs_led_by
from projects.domain.properties import BOX, FONT_SIZE, GEOMETRY, is_scaled, scaled
from projects.domain.state import Board, Box, Canvas, Pair, Placed

NewId = Callable[[], str]

DEFAULT_CONFIG: JsonObject = {
    "backgroundColor": "#ffffff",
    "safeZoneVisible": False,
    "gridVisible": False,
    "snapToGrid": True,
    "gridSize": 8,
}


@dataclass(frozen=True)
class Joining:
    """An element that is about to be added."""

    element: Placed
    origin: bool = False


def leading_canvas(board: Board) -> str | None:
    """The canvas that is the base of most groups; ties go to the lower order."""
    counts = dict.fromkeys(board.canvases, 0)
    for group in board.groups.values():
        if group.base in counts:
            counts[group.base] += 1
    best = max(counts.values(), default=0)
    return next((name for name, count in counts.items() if count == best and best), None)


def taken_over(
    board: Board, canvas: Canvas, social_format: FormatFacts, copy_from: str | None, new_id: NewId
) -> list[Joining]:
    """The elements a new canvas begins with, laid out for its format.

    With `copy_from` everything that stands there, else the members of every group.
    """
    source = copy_from or leading_canvas(board)
    if source is None:
        return []
    shown = board.on(source)
    layout = Layout(frame_of(board.format_of(source)), [element.to_json() for element in shown])
    boxes = layout.on(frame_of(social_format))
    joining = [
        _member(
            board,
            source,
            element,
            boxes.get(element.id, element.box),
            canvas,
            social_format,
            new_id,
        )
        for element in shown
        if copy_from or element.sync_group
    ]
    present = {element.sync_group for element in shown}
    absent = [name for name in board.groups if name not in present]
    return joining + strangers(board, canvas, social_format, absent, new_id)


def strangers(
    board: Board, canvas: Canvas, social_format: FormatFacts, groups: Sequence[str], new_id: NewId
) -> list[Joining]:
    """Members of groups that come to a canvas one by one, each from the canvas that leads it."""
    joining: list[Joining] = []
    for name in groups:
        lead = board.member(name, board.groups[name].base)
        if lead is None:
            continue
        boxes = Layout(frame_of(board.format_of(lead.canvas_id)), [lead.to_json()]).on(
            frame_of(social_format)
        )
        box = boxes.get(lead.id, lead.box)
        joining.append(_member(board, lead.canvas_id, lead, box, canvas, social_format, new_id))
    return joining


def _member(
    board: Board,
    source: str,
    element: Placed,
    box: Box,
    canvas: Canvas,
    social_format: FormatFacts,
    new_id: NewId,
) -> Joining:
    there = board.format_of(source)
    area = (social_format.width * social_format.height / (there.width * there.height)) ** 0.5
    values = resized(element.values, element.box, box, area)
    pair = _pair_of(board, element, source, box)
    return Joining(
        Placed(
            id=new_id(),
            canvas_id=canvas.id,
            sync_group=element.sync_group,
            values=values,
            pair=pair if element.sync_group else None,
        )
    )


def _pair_of(board: Board, element: Placed, source: str, box: Box) -> Pair:
    group = board.groups.get(element.sync_group or "")
    if group is None or group.base == source:
        return Pair(base=source, source=element.box, own=box)
    lead = board.member(element.sync_group or "", group.base)
    return Pair(base=group.base, source=lead.box if lead else element.box, own=box)


def resized(values: JsonObject, before: Box, box: Box, area: float) -> JsonObject:
    """Values at another place: lengths scale with the font of a text, else with the area."""
    factor = area
    if before.font_size and box.font_size:
        factor = box.font_size / before.font_size
    lengths = {
        path: scaled(path, value, factor)
        for path, (value, _) in differences(values, {}).items()
        if is_scaled(path)
    }
    return put_all(with_box(values, box), lengths)


def rejoining(board: Board, canvas: Canvas) -> dict[str, tuple[str, ...]]:
    """Sync switched on again: what each member keeps as its own, by element id.

    What differs from the group becomes an override.
    """
    found: dict[str, tuple[str, ...]] = {}
    for element in board.on(canvas.id):
        group = board.groups.get(element.sync_group or "")
        if group is None or group.base == canvas.id:
            continue
        differing = _differing(board, element)
        overrides = tuple(sorted({*element.overrides, *differing}))
        if overrides != element.overrides:
            found[element.id] = overrides
    return found


def _differing(board: Board, element: Placed) -> set[str]:
    group = board.groups[element.sync_group or ""]
    factor = length_factor(board, element.canvas_id, element.values, group.base, group.values)
    copied = {
        path
        for path, (own, led) in differences(element.values, group.values).items()
        if path not in GEOMETRY and own != scaled(path, led, factor)
    }
    pair = pairs_led_by(board.members(element.sync_group or ""), group.base)[element.id]
    if pair.source == Box.of(group.values):
        return copied
    own = element.box.paths()
    return copied | ({*BOX, FONT_SIZE} & own.keys())


def configured(given: Mapping[str, object] | None) -> JsonObject:
    """A canvas's config with the defaults for what is left out."""
    return {**DEFAULT_CONFIG, **{k: v for k, v in (given or {}).items() if v is not None}}
