"""One design, another format: the whole way from elements to new geometry."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from scene.layout import edges, finish
from scene.layout.anchored import place_anchored
from scene.layout.board import Board
from scene.layout.guard import emit
from scene.layout.items import Item, box_of, items_of
from scene.layout.nodes import Spot
from scene.layout.roles import Roles, roles_of
from scene.layout.solve import Solution, best_of, task_of
from scene.layout.tree import Forest, forest_of
from scene.layout.types import Anchor, Element, Frame, Geometry, Measure, Rect, rounded
from scene.layout.words import Meter, meter_of

ENGINE_VERSION = 1


@dataclass(frozen=True)
class Analysis:
    """What a source canvas is made of; the same for every target of one edit."""

    source: Frame
    items: tuple[Item, ...]
    roles: Roles
    forests: tuple[Forest, ...]
    meter: Meter


def analyse(
    source: Frame,
    elements: Iterable[Element],
    measure: Measure,
    anchors: Mapping[str, Anchor] | None = None,
) -> Analysis:
    """Reads a canvas once. Anchored elements stay out of the trees."""
    meter = meter_of(measure)
    items = items_of(elements, source, meter)
    free = [item for item in items if item.id not in (anchors or {})]
    roles = roles_of(free, source)
    whole = roles_of(items, source) if len(free) != len(items) else roles
    role = {**{i.id: "decor" for i in items}, **roles.role}
    merged = Roles(role, roles.parent, {**whole.block, **roles.block}, roles.children)  # type: ignore[arg-type]
    return Analysis(source, tuple(items), merged, tuple(forest_of(free, roles, source)), meter)


def relayout(
    source: Frame,
    elements: Iterable[Element],
    target: Frame,
    *,
    measure: Measure,
    overrides: Mapping[str, Mapping[str, object]] | None = None,
    anchors: Mapping[str, Anchor] | None = None,
    analysis: Analysis | None = None,
    arrangement: str | None = None,
) -> dict[str, Geometry]:
    """New geometry of every element, by id. Never mutates its input, never fails on odd designs.

    `overrides` (id -> x, y, width, height, fontSize, crop) win per property and come last.
    `arrangement` names the one remembered for this canvas, kept unless another is clearly better.
    Rotation, z-order, timing and content are never outputs.
    """
    elements = list(elements)
    anchors = {**_own_anchors(elements), **(anchors or {})}
    known = analysis or analyse(source, elements, measure, anchors)
    if _same_frame(source, target):
        boxes = {str(element["id"]): box_of(element) for element in elements}
        placed = {item.id: _unchanged(item, boxes[item.id]) for item in known.items}
    else:
        placed = _laid_out(known, target, anchors, arrangement)
    return {
        name: _overridden(_round(geometry), (overrides or {}).get(name))
        for name, geometry in sorted(placed.items())
    }


def _laid_out(
    known: Analysis, target: Frame, anchors: Mapping[str, Anchor], prefer: str | None
) -> dict[str, Geometry]:
    source = known.source
    gm = math.sqrt(target.width / source.width * target.height / source.height)
    board = Board(source, target, {item.id: item for item in known.items}, known.roles, gm)
    changed = _flow(known, target, board, prefer)
    place_anchored(board, anchors)
    finish.cover(board)
    finish.extend(board, changed)
    edges.plates(board)
    edges.edges(board)
    finish.decorate(board)
    finish.carry(board)
    return emit(board, known.meter.measure)


def _flow(known: Analysis, target: Frame, board: Board, prefer: str | None) -> bool:
    """Solves every forest and keeps the cheapest; says whether the arrangement changed."""
    best: list[Solution] | None = None
    for forest in known.forests:
        solved = [
            best_of(task_of(tree, known.source, target), loose=forest.loose, prefer=prefer)
            for tree in forest.trees
        ]
        if best is None or sum(s.cost for s in solved) < sum(s.cost for s in best):
            best = solved
    for solution in best or []:
        for name, spot in solution.spots.items():
            _take(board, name, spot, solution.name)
    return any(not solution.name.startswith("keep") for solution in best or [])


def _take(board: Board, name: str, spot: Spot, arrangement: str) -> None:
    item = board.items[name]
    rect = spot.rect
    if item.locked and item.rotation:
        w, h = item.box.w * spot.scale, item.box.h * spot.scale
        rect = rect.inset((rect.w - w) / 2, (rect.h - h) / 2, (rect.w - w) / 2, (rect.h - h) / 2)
    board.put(item, rect, spot.scale, f"arrangement {arrangement}")
    if spot.font is not None and item.text is not None:
        board.fonts[name] = spot.font
        board.lines[name] = spot.lines
        scale = round(spot.font / item.text.font, 2)
        board.because(
            name, f"{'scaled' if spot.lines == item.text.lines else 're-wrapped'} {scale}"
        )


def _own_anchors(elements: Iterable[Element]) -> dict[str, Anchor]:
    """Anchors stored on the elements themselves."""
    found: dict[str, Anchor] = {}
    for element in elements:
        properties: Mapping[str, Any] = element.get("properties") or {}
        anchor: Mapping[str, Any] | None = properties.get("anchor")
        if anchor and (anchor.get("horizontal") or anchor.get("vertical")):
            found[str(element["id"])] = Anchor(
                anchor.get("horizontal") or "center",
                anchor.get("vertical") or "middle",
                anchor.get("to") or "safe",
            )
    return found


def _same_frame(source: Frame, target: Frame) -> bool:
    return source.rect == target.rect and source.safe == target.safe


def _unchanged(item: Item, box: Rect) -> Geometry:
    font = item.text.font if item.text else None
    return Geometry(*box, font_size=font, reasons=("unchanged",))


def _round(geometry: Geometry) -> Geometry:
    return replace(
        geometry,
        x=rounded(geometry.x),
        y=rounded(geometry.y),
        width=rounded(geometry.width),
        height=rounded(geometry.height),
        font_size=None if geometry.font_size is None else rounded(geometry.font_size),
    )


def _overridden(geometry: Geometry, own: Mapping[str, object] | None) -> Geometry:
    if not own:
        return geometry
    names = {"x": "x", "y": "y", "width": "width", "height": "height", "fontSize": "font_size"}
    values = {names.get(path, path): value for path, value in own.items()}
    reasons = (*geometry.reasons, *(f"override {path}" for path in sorted(own)))
    return replace(geometry, reasons=reasons, **values)  # type: ignore[arg-type]
