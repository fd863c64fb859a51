"""One design on another format: what a designer expects of it."""

from typing import Any

import pytest

from scene.layout import Anchor, Frame, Geometry, Rect, relayout, restyled
from scene.layout.types import rounded
from tests.support.layout_designs import (
    LINKEDIN,
    SQUARE,
    STORY,
    TARGETS,
    TIKTOK,
    even,
    photo,
    poster,
    shape,
    text,
)


def laid_out(elements: list[dict[str, Any]], target: Frame, **more: Any) -> dict[str, Geometry]:
    return relayout(STORY, elements, target, measure=even, **more)


@pytest.mark.parametrize("target", TARGETS)
def test_a_background_covers_the_whole_canvas(target: Frame) -> None:
    assert laid_out(poster(), target)["ground"].rect == target.rect


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_overlaps_that_did_not_overlap_before(target: Frame) -> None:
    placed = laid_out(poster(), target)
    flow = [placed[name].rect for name in ("photo", "headline", "body", "plate")]
    for index, first in enumerate(flow):
        assert all(first.overlap(second) < 0.02 for second in flow[index + 1 :])


@pytest.mark.parametrize("target", TARGETS)
def test_a_label_stays_on_its_button(target: Frame) -> None:
    placed = laid_out(poster(), target)
    assert placed["label"].rect.clip(placed["plate"].rect).area > 0.97 * placed["label"].rect.area


def test_a_tall_design_puts_its_picture_beside_the_words_on_a_wide_format() -> None:
    placed = laid_out(poster(), LINKEDIN)
    picture, headline = placed["photo"].rect, placed["headline"].rect
    assert picture.right <= headline.x or headline.right <= picture.x


def test_a_headline_stays_larger_than_the_text_below_it() -> None:
    for target in TARGETS:
        placed = laid_out(poster(), target)
        assert (placed["headline"].font_size or 0) > (placed["body"].font_size or 0)


def test_a_circle_stays_round_and_a_turned_plate_keeps_its_shape() -> None:
    plate = {**shape("banner", 300, 1700, 400, 120, z=2), "rotation": -8}
    design = [*poster(), shape("dot", 800, 1600, 120, 120, "circle"), plate]
    placed = laid_out(design, LINKEDIN)
    assert placed["dot"].width == pytest.approx(placed["dot"].height, abs=0.02)
    assert placed["banner"].width / placed["banner"].height == pytest.approx(400 / 120, rel=0.01)


def test_a_picture_that_bled_over_three_edges_bleeds_again() -> None:
    design = [
        shape("ground", 0, 0, 1080, 1920, z=0),
        photo("photo", 0, 0, 1080, 900),
        text("headline", "Forty grapefruit", 90, 1000, 110, width=900),
        text("body", "Peel and salt and wait nine days", 90, 1200, 44, width=800),
    ]
    picture = laid_out(design, TIKTOK)["photo"].rect
    assert (picture.x, picture.y, picture.right) == (0, 0, 1080)


def test_a_crop_has_the_shape_of_its_box() -> None:
    placed = laid_out(poster(), LINKEDIN)["photo"]
    assert placed.crop is not None
    assert placed.crop.width / placed.crop.height == pytest.approx(
        placed.width / placed.height, rel=0.01
    )


def test_the_subject_stays_in_the_picture() -> None:
    design = poster()
    design[1]["properties"]["media"]["focus"] = {"x": 0.7, "y": 0.1, "width": 0.2, "height": 0.3}
    crop = laid_out(design, LINKEDIN)["photo"].crop
    assert crop is not None
    assert crop.x <= 0.7 + 1e-6
    assert crop.x + crop.width >= 0.9 - 1e-6


def test_an_override_is_kept_and_its_siblings_stay_where_they_are() -> None:
    plain = laid_out(poster(), SQUARE)
    own = laid_out(poster(), SQUARE, overrides={"body": {"x": 12.0, "fontSize": 33.0}})
    assert (own["body"].x, own["body"].font_size) == (12.0, 33.0)
    assert own["body"].y == plain["body"].y
    assert {n: g for n, g in own.items() if n != "body"} == {
        n: g for n, g in plain.items() if n != "body"
    }


def test_an_anchored_element_keeps_its_distance_from_its_corner() -> None:
    design = [*poster(), text("mark", "TOLVA", 815, 1480, 50, width=200, textAlign="right")]
    placed = laid_out(design, SQUARE, anchors={"mark": Anchor("right", "bottom")})["mark"]
    gm = (1080 / 1920) ** 0.5
    assert placed.rect.right == pytest.approx(SQUARE.safe.right - (1015 - 1015) * gm, abs=2)
    assert placed.rect.bottom == pytest.approx(SQUARE.safe.bottom, abs=2)


def test_an_anchor_stored_on_the_element_counts() -> None:
    mark = text("mark", "TOLVA", 65, 270, 50, width=200)
    mark["properties"]["anchor"] = {"horizontal": "left", "vertical": "top", "to": "safe"}
    placed = laid_out([*poster(), mark], SQUARE)["mark"]
    assert "anchored left top safe" in placed.reasons


def test_two_scenes_in_the_same_place_are_laid_out_apart() -> None:
    first = {**text("first", "How we make ice", 90, 500, 140, width=900), "duration": 3}
    second = {**text("second", "Very slowly", 90, 500, 140, width=900), "startTime": 3}
    placed = laid_out([{**first, "startTime": 0}, {**second, "duration": 3}], LINKEDIN)
    assert (placed["first"].font_size or 0) > 60
    assert (placed["second"].font_size or 0) > 60


def test_rings_drawn_into_each_other_stay_concentric() -> None:
    rings = [shape(f"r{r}", 800 - r, 222 - r, 2 * r, 2 * r, "circle") for r in (400, 300, 200)]
    rings += [{**ring, "zIndex": 1 + index} for index, ring in enumerate(rings)][:0]
    design = [shape("ground", 0, 0, 1080, 1920, z=0), *rings, text("t", "Tide", 90, 1200, 120)]
    placed = laid_out(design, LINKEDIN)
    centres = {(round(g.rect.cx), round(g.rect.cy)) for n, g in placed.items() if n[0] == "r"}
    assert len(centres) == 1


def test_other_pixel_values_follow_the_font_or_the_area() -> None:
    element = text("t", "Tide", 90, 1200, 100, letterSpacing=-4, textShadow="0 2px 4px #000")
    placed = Geometry(0, 0, 100, 50, font_size=50)
    moved = restyled(element, placed, STORY, LINKEDIN)["properties"]["text"]
    assert moved["letterSpacing"] == -2
    assert moved["textShadow"] == "0px 1px 2px #000"
    round_one = shape("s", 0, 0, 10, 10)
    round_one["properties"]["shape"]["borderRadius"] = 40
    scale = (LINKEDIN.area / STORY.area) ** 0.5
    moved = restyled(round_one, Geometry(0, 0, 5, 5), STORY, LINKEDIN)["properties"]["shape"]
    assert moved["borderRadius"] == rounded(40 * scale)


@pytest.mark.parametrize(
    ("value", "expected"), [(1.005, 1.01), (-1.005, -1.01), (2.344999, 2.34), (-0.001, 0.0)]
)
def test_rounding_goes_half_away_from_zero(value: float, expected: float) -> None:
    assert rounded(value) == expected


def test_a_frame_takes_title_safe_from_the_zones() -> None:
    zones = [
        {"name": "action_safe", "x": 0, "y": 0, "width": 10, "height": 10},
        {"name": "title_safe", "x": 65, "y": 270, "width": 950, "height": 1270},
    ]
    assert Frame.of(1080, 1920, zones).safe == Rect(65, 270, 950, 1270)
    assert Frame.of(1000, 1000, []).safe == Rect(50, 50, 900, 900)
