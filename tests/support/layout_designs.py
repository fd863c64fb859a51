"""Designs and a plain text measure for layout tests: every letter is 0.55 em wide."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from scene.layout import Frame, Rect

STORY = Frame(1080, 1920, Rect(65, 270, 950, 1270))
TIKTOK = Frame(1080, 1920, Rect(150, 150, 780, 1330))
SQUARE = Frame(1080, 1080, Rect(135, 108, 810, 864))
LINKEDIN = Frame(1200, 627, Rect(120, 63, 960, 501))
PORTRAIT = Frame(1080, 1350, Rect(88, 135, 904, 1080))
YOUTUBE = Frame(1920, 1080, Rect(192, 108, 1536, 864))
TARGETS = (STORY, TIKTOK, SQUARE, LINKEDIN, PORTRAIT, YOUTUBE)


def even(text: Mapping[str, Any], size: float, max_width: float) -> tuple[float, float, int]:
    """Greedy lines of letters that are all 0.55 em wide."""
    lines: list[int] = []
    for paragraph in str(text["content"]).split("\n"):
        used = -1
        for word in paragraph.split(" "):
            if used >= 0 and (used + 1 + len(word)) * 0.55 * size > max_width + 0.01:
                lines.append(used)
                used = -1
            used = len(word) if used < 0 else used + 1 + len(word)
        lines.append(max(used, 0))
    height = len(lines) * size * float(text.get("lineHeight") or 1.2)
    return max(lines) * 0.55 * size, height, len(lines)


def text(name: str, content: str, x: float, y: float, size: float, **more: Any) -> dict[str, Any]:
    """A text whose box is as wide as asked (`width`) and as high as its lines."""
    width = float(more.pop("width", 800.0))
    element = {key: more.pop(key) for key in ("rotation", "zIndex", "isHidden") if key in more}
    properties = {"content": content, "fontSize": size, "lineHeight": 1.2, **more}
    height = even(properties, size, width)[1]
    return {
        "id": name,
        "type": "text",
        "name": name,
        "x": x,
        "y": y,
        "width": width,
        "height": height,
        "properties": {"text": properties},
        "zIndex": 5,
        **element,
    }


def shape(
    name: str, x: float, y: float, w: float, h: float, kind: str = "rectangle", z: int = 1
) -> dict[str, Any]:
    return {
        "id": name,
        "type": "shape",
        "name": name,
        "x": x,
        "y": y,
        "width": w,
        "height": h,
        "zIndex": z,
        "properties": {"shape": {"shapeType": kind, "fill": "#336699"}},
    }


def photo(name: str, x: float, y: float, w: float, h: float, z: int = 1) -> dict[str, Any]:
    media = {"src": "pack:citrus", "naturalWidth": 1200, "naturalHeight": 1200}
    return {**shape(name, x, y, w, h, z=z), "type": "image", "properties": {"media": media}}


def poster() -> list[dict[str, Any]]:
    """Background, photo, headline, body and button: the product's main path."""
    return [
        shape("ground", 0, 0, 1080, 1920, z=0),
        photo("photo", 90, 300, 900, 620),
        text("headline", "The bright side canned", 90, 960, 120, width=900),
        text("body", "Four grams of sugar and no apology at all", 90, 1270, 44, width=700),
        shape("plate", 90, 1420, 320, 100, z=3),
        text("label", "Find a shop", 100, 1446, 40, width=300, textAlign="center"),
    ]


words = st.lists(st.text("abcdefgh", min_size=1, max_size=12), max_size=12).map(" ".join)
numbers = st.floats(-400, 2400, allow_nan=False, width=32)
sizes = st.floats(0, 2000, allow_nan=False, width=32)


@st.composite
def texts(draw: st.DrawFn, name: str) -> dict[str, Any]:
    return text(
        name,
        draw(words),
        draw(numbers),
        draw(numbers),
        draw(st.floats(4, 400, width=32)),
        width=draw(st.floats(1, 1500, width=32)),
        textAlign=draw(st.sampled_from(["left", "center", "right"])),
        rotation=draw(st.sampled_from([0, 0, 0, 12, -90])),
        isHidden=draw(st.sampled_from([False, False, False, True])),
        zIndex=draw(st.integers(0, 9)),
    )


@st.composite
def boxes(draw: st.DrawFn, name: str) -> dict[str, Any]:
    make = draw(st.sampled_from([shape, photo]))
    place = (draw(numbers), draw(numbers), draw(sizes), draw(sizes))
    if make is photo:
        return photo(name, *place, z=draw(st.integers(0, 9)))
    kind = draw(st.sampled_from(["rectangle", "circle", "triangle", "line"]))
    return shape(name, *place, kind=kind, z=draw(st.integers(0, 9)))


@st.composite
def designs(draw: st.DrawFn) -> list[dict[str, Any]]:
    count = draw(st.integers(0, 9))
    return [draw(st.one_of(texts(f"e{i}"), boxes(f"e{i}"))) for i in range(count)]
