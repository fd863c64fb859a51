"""Easing, animation and filters: pure arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene.animation import REST, Box, animated_windows, motion_at
from scene.easing import NotAnEasing, easing
from scene.elements import Element, Filter
from scene.filters import blur_sigma, colour_matrix

BOX, CANVAS = Box(100, 200, 50, 40), (400.0, 800.0)


def moving(*animations: dict[str, object]) -> Element:
    return Element.model_validate(
        {
            "id": "e",
            "type": "shape",
            "startTime": 2,
            "duration": 4,
            "properties": {"shape": {}, "animations": animations},
        }
    )


@pytest.mark.parametrize(
    ("name", "share", "value"),
    [
        ("linear", 0.3, 0.3),
        ("ease", 0.5, 0.8024),
        ("ease-in", 0.5, 0.3154),
        ("ease-out", 0.5, 0.6846),
        ("cubic-bezier(0.1, 0.7, 1.0, 0.1)", 0.25, 0.3504),
        ("steps(4, end)", 0.6, 0.5),
        ("steps(4, start)", 0.6, 0.75),
        ("hold", 0.99, 0.0),
        ("easeOutCubic", 1.0, 1.0),
    ],
)
def test_easing_is_what_css_says(name: str, share: float, value: float) -> None:
    assert easing(name)(share) == pytest.approx(value, abs=2e-3)


@pytest.mark.parametrize("name", ["", "wobble", "cubic-bezier(2,0,0,1)", "steps(0)", "steps(2,x)"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(NotAnEasing):
        easing(name)


@given(st.sampled_from(["linear", "ease", "ease-in-out", "easeOutBack", "steps(5)"]))
def test_every_easing_begins_at_nought_and_ends_at_one(name: str) -> None:
    assert (easing(name)(-1), easing(name)(2)) == (easing(name)(0), 1)


def test_a_fade_holds_its_ends_outside_its_window() -> None:
    element = moving({"type": "fadeIn", "startTime": 1, "duration": 1})
    values = [motion_at(element, time, BOX, CANVAS).opacity for time in (2, 3, 3.25, 4, 6)]
    assert values == pytest.approx([0, 0, 0.25, 1, 1])


@pytest.mark.parametrize(
    ("direction", "offset"),
    [("left", (-150, 0)), ("right", (300, 0)), ("up", (0, -240)), ("down", (0, 600))],
)
def test_a_slide_comes_from_outside_the_canvas(direction: str, offset: tuple[float, float]) -> None:
    element = moving({"type": "slideIn", "duration": 1, "properties": {"direction": direction}})
    before, after = motion_at(element, 2, BOX, CANVAS), motion_at(element, 3, BOX, CANVAS)
    assert (before.dx, before.dy) == offset
    assert after == REST


def test_a_bounce_rests_before_between_and_after() -> None:
    element = moving({"type": "bounce", "duration": 2, "properties": {"height": 40, "count": 2}})
    heights = [motion_at(element, 2 + time, BOX, CANVAS).dy for time in (0, 0.5, 1, 1.5, 2)]
    assert heights == pytest.approx([0, -40, 0, -20, 0])


def test_scale_and_rotation_run_between_their_ends() -> None:
    element = moving(
        {"type": "scale", "duration": 1, "properties": {"from": 0.5, "to": 1.5}},
        {"type": "rotate", "startTime": 1, "duration": 1, "properties": {"from": 0, "to": 90}},
    )
    motion = motion_at(element, 3.5, BOX, CANVAS)
    assert (motion.scale, motion.rotation) == pytest.approx((1.5, 45))


def test_windows_that_touch_are_one() -> None:
    element = moving(
        {"type": "fadeIn", "duration": 1},
        {"type": "slideIn", "startTime": 0.5, "duration": 1},
        {"type": "fadeOut", "startTime": 3, "duration": 1},
    )
    assert animated_windows(element) == ((2, 3.5), (5, 6))


def apply(kind: str, value: float, colour: tuple[float, float, float]) -> list[float]:
    matrix = colour_matrix(kind, value)
    assert matrix is not None
    red, green, blue = colour
    return [row[0] * red + row[1] * green + row[2] * blue + row[3] for row in matrix]


@pytest.mark.parametrize("kind", ["brightness", "contrast", "saturation"])
def test_a_factor_of_one_changes_nothing(kind: str) -> None:
    assert apply(kind, 1, (0.2, 0.5, 0.9)) == pytest.approx([0.2, 0.5, 0.9], abs=1e-9)


def test_full_grayscale_is_luminance_and_sepia_is_warm() -> None:
    grey = apply("grayscale", 1, (1, 0, 0))
    assert grey == pytest.approx([0.2126] * 3)
    red, green, blue = apply("sepia", 1, (0.5, 0.5, 0.5))
    assert red > green > blue


def test_contrast_turns_about_the_middle() -> None:
    assert apply("contrast", 2, (0.5, 0.75, 0.25)) == pytest.approx([0.5, 1.0, 0.0])


def test_blurs_add_up_as_variances() -> None:
    assert blur_sigma([Filter(type="blur", value=3), Filter(type="blur", value=4)]) == 5
