"""What an element may say, and where its faults are."""

import pytest

from scene.colour import Gradient, NotAColour, parse_colour, parse_fill
from scene.shadows import parse_shadows, scale_shadows
from scene.validation import validate_element

TEXT = {"id": "a", "type": "text", "properties": {"text": {"content": "Hi"}}}


def test_a_plain_text_is_valid() -> None:
    assert validate_element(TEXT) == []


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"opacity": 1.2}, "/opacity"),
        ({"x": "left"}, "/x"),
        ({"x": float("nan")}, "/x"),
        ({"type": "hologram"}, "/type"),
        ({"properties": {"text": {"content": "x", "color": "nope"}}}, "/properties/text/color"),
        ({"properties": {"text": {"content": "x", "colour": "red"}}}, "/properties/text/colour"),
        ({"properties": {}}, "/properties/text"),
        (
            {"type": "image", "properties": {"media": {"src": "https://x.example/a.png"}}},
            "/properties/media/src",
        ),
        (
            {
                "properties": {
                    "text": {"content": "x"},
                    "animations": [{"type": "fadeIn", "duration": 1, "easing": "wobble"}],
                }
            },
            "/properties/animations/0/easing",
        ),
    ],
)
def test_a_fault_is_named_by_its_json_pointer(change: dict[str, object], pointer: str) -> None:
    faults = validate_element({**TEXT, **change})
    assert [fault.pointer for fault in faults] == [pointer]
    assert faults[0].message


@pytest.mark.parametrize(
    ("text", "rgba"),
    [
        ("#fff", (255, 255, 255, 1)),
        ("#12345680", (18, 52, 86, 128 / 255)),
        ("rgb(1, 2, 3)", (1, 2, 3, 1)),
        ("rgba(255 0 0 / 50%)", (255, 0, 0, 0.5)),
        ("Transparent", (0, 0, 0, 0)),
    ],
)
def test_colours_are_read_as_css(text: str, rgba: tuple[float, ...]) -> None:
    assert parse_colour(text) == pytest.approx(rgba)


def test_gradients_spread_stops_that_name_no_place() -> None:
    fill = parse_fill("linear-gradient(45deg, #000, rgb(9, 9, 9), #fff 80%)")
    assert isinstance(fill, Gradient)
    assert fill.angle == 45
    assert [stop.offset for stop in fill.stops] == pytest.approx([0, 0.4, 0.8])


@pytest.mark.parametrize("text", ["#12", "rgb(1,2)", "linear-gradient(#000)", "url(x)"])
def test_other_fills_are_refused(text: str) -> None:
    with pytest.raises(NotAColour):
        parse_fill(text)


def test_shadows_are_read_and_scaled() -> None:
    text = "0 4px 8px rgba(0, 0, 0, 0.5), 2px 2px #f00"
    assert [(s.x, s.y, s.blur) for s in parse_shadows(text)] == [(0, 4, 8), (2, 2, 0)]
    doubled = parse_shadows(scale_shadows(text, 2))
    assert [(s.x, s.y, s.blur) for s in doubled] == [(0, 8, 16), (4, 4, 0)]
    assert parse_shadows("none") == ()
