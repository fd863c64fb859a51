"""The render plan and the graph it becomes."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from render.renderer import ExportSettings, fingerprint, graph
from render.renderer.clips import place_clip
from render.renderer.curves import expression, knots
from render.renderer.media import Clip
from render.renderer.plan import ClipLayer, MovingLayer, StillLayer, make_plan, viewport_of
from tests.support.rendering import CLIP, document

MP4 = ExportSettings(format="mp4")
FADE = {"type": "fadeIn", "startTime": 0, "duration": 0.5}


def shape(**more: Any) -> dict[str, Any]:
    properties = {"shape": {"shapeType": "rectangle", "fill": "#f00"}, **more.pop("extra", {})}
    return {
        "type": "shape",
        "x": 10,
        "y": 10,
        "width": 100,
        "height": 100,
        "properties": properties,
        **more,
    }


def clip(**media: Any) -> dict[str, Any]:
    return {
        "type": "video",
        "width": 360,
        "height": 640,
        "properties": {"media": {"src": f"media:{CLIP}", **media}},
    }


def test_what_stands_still_all_the_time_is_painted_into_the_base() -> None:
    everything = shape(x=0, y=0, width=360, height=640)
    plan = make_plan(document([everything, shape()]), MP4)
    assert len(plan.base) == 2
    assert plan.layers == ()
    assert plan.frames == 60


def test_still_items_above_a_clip_are_one_layer_when_they_lie_together() -> None:
    plan = make_plan(document([clip(), shape(), shape(x=60), shape(x=220, y=500)]), MP4)
    assert [type(layer) for layer in plan.layers] == [ClipLayer, StillLayer, StillLayer]
    joined = plan.layers[1]
    assert isinstance(joined, StillLayer)
    assert len(joined.items) == 2


def test_only_the_animated_part_of_an_element_is_painted_frame_by_frame() -> None:
    plan = make_plan(document([clip(), shape(extra={"animations": [FADE]})]), MP4)
    moving, still = plan.layers[1:]
    assert isinstance(moving, MovingLayer)
    assert (moving.first, moving.last) == (0, 15)
    assert isinstance(still, StillLayer)
    assert (still.first, still.last) == (15, 60)


def test_layer_boxes_are_even_and_inside_the_picture() -> None:
    off = shape(x=-50, y=-33.3, width=99.7, height=77.1, rotation=13)
    plan = make_plan(document([clip(), off, shape(x=340, y=630)]), MP4)
    for layer in plan.layers[1:]:
        assert isinstance(layer, StillLayer)
        box = layer.box
        assert not any(side % 2 for side in (box.x, box.y, box.width, box.height))
        assert box.x >= 0
        assert box.x + box.width <= 360
        assert box.y + box.height <= 640


def test_edges_snap_to_frames() -> None:
    plan = make_plan(document([clip(), shape(startTime=0.51, duration=0.5)]), MP4)
    layer = plan.layers[1]
    assert isinstance(layer, StillLayer)
    assert (layer.first, layer.last) == (15, 30)


def test_another_shape_of_file_centres_the_canvas() -> None:
    settings = ExportSettings.model_validate({"resolution": {"width": 640, "height": 640}})
    view = viewport_of(document([]), settings)
    assert (view.scale, view.dx, view.dy) == (1, 140, 0)


def test_ntsc_rates_are_exact() -> None:
    assert ExportSettings(fps=29.97).rate() == Fraction(30000, 1001)
    assert ExportSettings(fps=25).rate() == 25
    assert ExportSettings(format="gif", fps=60).rate() == 15


def test_a_bit_rate_is_held_so_that_the_file_fits_its_format() -> None:
    held = MP4.within(1_000_000, 10)
    assert held.encoding.video_kbps_max is not None
    assert (held.encoding.video_kbps_max + 128) * 1000 / 8 * 10 < 1_000_000
    assert MP4.within(None, 10) == MP4


def test_the_fingerprint_changes_with_document_settings_and_assets() -> None:
    first = document([shape()])
    prints = {
        fingerprint(first, MP4),
        fingerprint(first, ExportSettings(format="mp4", quality="low")),
        fingerprint(document([shape(x=11)]), MP4),
        fingerprint(document([shape()], assets={CLIP: {"sha256": "other"}}), MP4),
    }
    assert len(prints) == 4
    assert fingerprint(document([shape()]), MP4) in prints


def test_straight_motion_needs_two_knots_and_curves_few() -> None:
    assert knots([n * 2.0 for n in range(30)], 10, 0.25) == [(10, 0.0), (39, 58.0)]
    curve = [float((n / 29) ** 3 * 60) for n in range(30)]
    few = knots(curve, 0, 0.25)
    assert 4 < len(few) < 25


def test_an_expression_is_constant_when_nothing_moves() -> None:
    assert expression([(0, 5.0), (9, 5.0)], Fraction(30)) == "5"
    assert expression([(0, -5.5)], Fraction(30)) == "(-5.5)"


def evaluate(text: str, time: float) -> float:
    """ffmpeg's arithmetic, as far as we use it."""
    return eval(  # the expression is our own
        text,
        {
            "t": time,
            "lt": lambda a, b: float(a < b),
            "gte": lambda a, b: float(a >= b),
        },
    )


@pytest.mark.parametrize("frame", [0, 9, 10, 17, 24, 39, 50])
def test_an_expression_says_what_the_frames_say(frame: int) -> None:
    values = [float((n / 29) ** 2 * 300) for n in range(30)]
    text = expression(knots(values, 10, 0.25), Fraction(30))
    wanted = values[min(29, max(0, frame - 10))]
    assert evaluate(text, frame / 30) == pytest.approx(wanted, abs=0.26)


SOURCE = Clip(Path("/job/assets/clip"), "mov", 1280, 720, 5.3, True, "bt709", False)


def arguments_of(*elements: dict[str, Any], **settings: Any) -> list[str]:
    plan = make_plan(document(list(elements)), ExportSettings(format="mp4", **settings))
    sources: list[graph.LayerSource] = []
    for at, layer in enumerate(plan.layers):
        match layer:
            case StillLayer():
                sources.append(graph.StillSource(Path(f"/job/{at}"), layer))
            case MovingLayer():
                sources.append(graph.MovingSource(Path(f"/job/{at}"), layer))
            case ClipLayer():
                sources.append(graph.ClipSource(place_clip(plan, layer, SOURCE), None))
    sounds = [graph.SoundSource(sound, SOURCE) for sound in plan.sounds]
    return graph.build(plan, Path("/job/base"), sources, sounds, Path("/job/out.mp4"))


def test_every_input_is_held_to_one_container_and_local_files() -> None:
    arguments = arguments_of(clip(), shape(), shape(extra={"animations": [FADE]}))
    inputs = arguments.count("-i")
    assert inputs >= 4
    assert arguments.count("-format_whitelist") == inputs
    assert arguments.count("-protocol_whitelist") == inputs
    assert set(_after(arguments, "-protocol_whitelist")) == {"file"}
    assert set(_after(arguments, "-format_whitelist")) == {"rawvideo", "mov"}


def test_no_text_of_a_person_is_in_the_graph() -> None:
    words = {
        "type": "text",
        "width": 300,
        "properties": {"text": {"content": "50% off':[x];movie=/etc/passwd"}},
    }
    metadata = {"title": "':[x];movie=/etc/passwd"}
    arguments = arguments_of(clip(), words, metadata=metadata)
    assert "passwd" not in "".join(_after(arguments, "-filter_complex"))
    assert any(argument.startswith("title=") for argument in arguments)


def test_the_clip_is_cropped_before_it_is_scaled_and_coloured_at_its_size() -> None:
    chain = "".join(
        _after(
            arguments_of(clip(filters=[{"type": "brightness", "value": 1.1}])), "-filter_complex"
        )
    )
    assert chain.index("crop=") < chain.index("lutrgb") < chain.index("scale=360:640")
    assert "out_color_matrix=bt709" in chain


def test_the_output_is_tagged_fast_starting_and_bounded() -> None:
    arguments = arguments_of(clip(), bitrate=4000)
    pairs = dict(pairwise(arguments))
    assert pairs["-movflags"] == "+faststart"
    assert pairs["-flags"] == "+cgop"
    assert pairs["-g"] == "60"
    assert pairs["-frames:v"] == "60"
    assert pairs["-b:v"] == "4000k"
    assert pairs["-ar"] == "48000"


def _after(arguments: list[str], name: str) -> list[str]:
    return [value for key, value in pairwise(arguments) if key == name]
