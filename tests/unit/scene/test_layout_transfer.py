"""One edit on one canvas, and what it does on another."""

import copy
from typing import Any

import pytest

from scene.layout import Frame, Geometry, Pair, Rect, Side, relayout, transfer
from tests.support.layout_designs import LINKEDIN, SQUARE, STORY, even, shape, text


def design() -> list[dict[str, Any]]:
    return [
        shape("ground", 0, 0, 1080, 1920, z=0),
        text("headline", "The bright side", 90, 400, 120, width=900),
        text("body", "Four grams of sugar", 90, 720, 50, width=900),
        text("foot", "In stores", 90, 1200, 44, width=500),
        shape("dot", 800, 1300, 100, 100, "circle", z=3),
    ]


def on(target: Frame) -> list[dict[str, Any]]:
    placed = relayout(STORY, design(), target, measure=even)
    return [put(element, placed[element["id"]]) for element in design()]


def put(element: dict[str, Any], geometry: Geometry) -> dict[str, Any]:
    properties = copy.deepcopy(element["properties"])
    if "text" in properties:
        properties["text"]["fontSize"] = geometry.font_size
    box = {"x": geometry.x, "y": geometry.y, "width": geometry.width, "height": geometry.height}
    return {**element, **box, "properties": properties}


def box_of(element: dict[str, Any]) -> Rect:
    return Rect(element["x"], element["y"], element["width"], element["height"])


def pair_of(name: str, there: list[dict[str, Any]]) -> Pair:
    def font(element: dict[str, Any]) -> float | None:
        return element["properties"].get("text", {}).get("fontSize")

    mine = next(e for e in design() if e["id"] == name)
    own = next(e for e in there if e["id"] == name)
    return Pair(box_of(mine), box_of(own), font(mine), font(own))


def taken(
    name: str, changes: dict[str, Any], target: Frame = SQUARE, **more: Any
) -> tuple[dict[str, Geometry], list[dict[str, Any]]]:
    """The edit `changes` of `name` on the story, taken to the target."""
    there = more.pop("there", None) or on(target)
    pair = pair_of(name, there)
    links = {element["id"]: element["id"] for element in there}
    content = changes.pop("content", None)
    after = [{**e, **changes} if e["id"] == name else e for e in design()]
    there = copy.deepcopy(there)
    if content:
        for elements in (after, there):
            element = next(e for e in elements if e["id"] == name)
            element["properties"] = copy.deepcopy(element["properties"])
            element["properties"]["text"]["content"] = content
    found = transfer(
        Side(STORY, after, links),
        Side(target, there, links),
        edited=name,
        member=name,
        pair=pair,
        measure=even,
        **more,
    )
    return found, there


def test_a_move_goes_the_same_way_in_proportion() -> None:
    found, there = taken("dot", {"x": 740.0, "y": 1240.0})
    before = box_of(next(e for e in there if e["id"] == "dot"))
    after = found["dot"].rect
    assert after.x < before.x
    assert after.y < before.y
    assert (after.w, after.h) == (before.w, before.h)


def test_a_move_along_one_axis_leaves_the_other_alone() -> None:
    found, there = taken("dot", {"x": 700.0})
    assert found["dot"].y == box_of(next(e for e in there if e["id"] == "dot")).y


def test_an_element_centred_on_one_canvas_is_centred_on_the_other() -> None:
    found, _ = taken("dot", {"x": 490.0})
    assert found["dot"].rect.cx == pytest.approx(540, abs=0.02)


def test_there_and_back_ends_exactly_where_it_began() -> None:
    there = on(SQUARE)
    dot = next(e for e in design() if e["id"] == "dot")
    found, _ = taken("dot", {"x": dot["x"], "y": dot["y"]}, there=there)
    assert found["dot"].rect == box_of(next(e for e in there if e["id"] == "dot"))


def test_a_resize_keeps_the_edge_that_was_held() -> None:
    found, there = taken("dot", {"width": 200.0, "height": 200.0})
    before = box_of(next(e for e in there if e["id"] == "dot"))
    assert (found["dot"].x, found["dot"].y) == (before.x, before.y)
    assert found["dot"].width == pytest.approx(2 * before.w, abs=0.02)


@pytest.mark.parametrize("target", [SQUARE, LINKEDIN])
def test_a_text_that_grows_meets_no_other_text_and_stays_in_the_safe_area(target: Frame) -> None:
    found, there = taken("headline", {"content": "The bright side of everything"}, target)
    placed = {e["id"]: box_of(e) for e in there if "text" in e["properties"]}
    placed |= {name: geometry.rect for name, geometry in found.items() if name in placed}
    texts = list(placed.values())
    for index, first in enumerate(texts):
        assert all(first.overlap(second) <= 0.16 for second in texts[index + 1 :])
    assert placed["headline"].clip(target.safe).area >= 0.985 * placed["headline"].area


def test_a_grown_text_pushes_the_stack_below_it_down() -> None:
    there = on(SQUARE)
    found, _ = taken("headline", {"content": "The bright side of the whole moon"}, there=there)
    if "body" in found:
        assert found["body"].y > box_of(next(e for e in there if e["id"] == "body")).y


def test_a_fixed_element_stops_the_flow() -> None:
    found, _ = taken(
        "headline", {"content": "The bright side of the whole moon"}, fixed=("body", "foot")
    )
    assert set(found) == {"headline"}


def test_a_move_touches_nothing_else() -> None:
    found, _ = taken("body", {"y": 800.0})
    assert set(found) == {"body"}


@pytest.mark.parametrize("words", ["The bright side of it", "The bright side " * 2])
@pytest.mark.parametrize("target", [SQUARE, LINKEDIN])
def test_not_even_the_end_of_a_grown_line_goes_under_its_neighbour(
    words: str, target: Frame
) -> None:
    found, there = taken("headline", {"content": words.strip()}, target)
    own = found["headline"].rect
    body = next(element for element in there if element["id"] == "body")
    other = found["body"].rect if "body" in found else box_of(body)
    assert own.overlap(other) <= 0.02
