"""What holds for every layout of every design, however odd."""

import copy
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scene.layout import Frame, Geometry, Rect, analyse, relayout
from scene.layout.items import Item, rotated_bounds
from tests.support.layout_designs import STORY, TARGETS, designs, even, poster

frames = st.sampled_from(TARGETS)
odd_frames = st.builds(Frame, st.floats(100, 3000, width=32), st.floats(100, 3000, width=32))
usual = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def laid_out(
    elements: list[dict[str, Any]], target: Frame, source: Frame = STORY
) -> dict[str, Geometry]:
    return relayout(source, elements, target, measure=even)


def ink_of(item: Item, geometry: Geometry) -> Rect:
    assert item.text is not None
    font = geometry.font_size or 1.0
    width, height, _ = even(item.text.confirm, font, geometry.width)
    x = geometry.x + (geometry.width - width) * item.text.align
    box = Rect(x, geometry.rect.cy - height / 2, width, height)
    return rotated_bounds(box, item.rotation)


@usual
@given(designs(), st.one_of(frames, odd_frames))
def test_every_element_gets_finite_geometry_and_a_reason(
    design: list[dict[str, Any]], target: Frame
) -> None:
    placed = laid_out(design, target)
    assert set(placed) == {element["id"] for element in design}
    for geometry in placed.values():
        assert all(math.isfinite(value) for value in geometry.rect)
        assert geometry.font_size is None or math.isfinite(geometry.font_size)
        assert geometry.reasons


@usual
@given(designs(), frames)
def test_no_text_leaves_the_safe_area(design: list[dict[str, Any]], target: Frame) -> None:
    items = {item.id: item for item in analyse(STORY, design, even).items}
    placed = relayout(STORY, design, target, measure=even)
    if target == STORY:
        return
    for name, item in items.items():
        if item.text is None or item.carried or item.rotation:
            continue
        ink = ink_of(item, placed[name])
        assert ink.clip(target.safe).area >= 0.985 * ink.area


@usual
@given(designs(), frames, st.randoms())
def test_the_same_design_gives_the_same_layout_in_any_order(
    design: list[dict[str, Any]], target: Frame, random: Any
) -> None:
    shuffled = list(design)
    random.shuffle(shuffled)
    assert laid_out(design, target) == laid_out(shuffled, target)


@usual
@given(designs(), frames)
def test_the_input_is_not_changed(design: list[dict[str, Any]], target: Frame) -> None:
    before = copy.deepcopy(design)
    laid_out(design, target)
    assert design == before


@usual
@given(designs())
def test_the_same_size_and_safe_area_change_nothing(design: list[dict[str, Any]]) -> None:
    placed = laid_out(design, Frame(1080, 1920, Rect(65, 270, 950, 1270)))
    for element in design:
        geometry = placed[element["id"]]
        assert geometry.width == pytest.approx(element["width"], abs=0.006)
        assert geometry.x == pytest.approx(element["x"], abs=0.006)


@usual
@given(designs(), frames)
def test_places_are_rounded_to_two_decimals(design: list[dict[str, Any]], target: Frame) -> None:
    for geometry in laid_out(design, target).values():
        assert all(round(value, 2) == value for value in geometry.rect)


@pytest.mark.parametrize("target", TARGETS)
def test_laying_out_the_result_again_changes_nothing(target: Frame) -> None:
    design = poster()
    first = laid_out(design, target)
    moved = [_placed(element, first[element["id"]]) for element in design]
    again = relayout(target, moved, target, measure=even)
    assert {name: g.rect for name, g in again.items()} == {n: g.rect for n, g in first.items()}


def _placed(element: dict[str, Any], geometry: Geometry) -> dict[str, Any]:
    box = {"x": geometry.x, "y": geometry.y, "width": geometry.width, "height": geometry.height}
    properties = copy.deepcopy(element["properties"])
    if "text" in properties:
        properties["text"]["fontSize"] = geometry.font_size
    return {**element, **box, "properties": properties}
