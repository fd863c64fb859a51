"""Real renders of small documents, decoded again and looked at: size, frames, sound, colours."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy
import pytest
from numpy.typing import NDArray

from render.renderer import ExportSettings, Rendered, RenderFailure, render
from render.renderer.run import Progress
from scene.document import Document
from scene.untyped import skia
from tests.support.rendering import BIKES, CLIP, FILES, MEDIA, PHOTO, document

Frame = NDArray[numpy.uint8]


@dataclass
class Workbench:
    assets: Path
    folder: Path

    def make(self, source: Document, **settings: Any) -> Rendered:
        chosen = ExportSettings.model_validate({"quality": "high", **settings})
        out = self.folder / f"made.{chosen.format}"
        return render(source, chosen, self.assets, out)


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    assets = tmp_path / "assets"
    assets.mkdir()
    for media_id, name in FILES.items():
        shutil.copy(MEDIA / name, assets / media_id)
    return Workbench(assets, tmp_path)


def frames_of(path: Path) -> list[Frame]:
    with av.open(str(path)) as opened:
        decoded = opened.decode(video=0)
        return [numpy.asarray(f.to_ndarray(format="rgb24"), numpy.uint8) for f in decoded]


def loudness(path: Path) -> NDArray[numpy.float64]:
    """Root mean square of each tenth of a second."""
    with av.open(str(path)) as opened:
        assert opened.streams.audio[0].codec_context.sample_rate == 48000
        parts = [frame.to_ndarray().mean(axis=0) for frame in opened.decode(audio=0)]
    samples = numpy.concatenate(parts)
    count = len(samples) // 4800
    return numpy.sqrt((samples[: count * 4800].reshape(count, 4800) ** 2).mean(axis=1))


def still_of(path: Path) -> Frame:
    image = skia.Image.open(str(path))
    return image.toarray(colorType=skia.ColorType.kRGBA_8888_ColorType)[..., :3]


def shape(fill: str, x: float, y: float, width: float, height: float, **more: Any) -> Any:
    return {
        "type": "shape",
        "x": x,
        "y": y,
        "width": width,
        "height": height,
        "properties": {"shape": {"shapeType": "rectangle", "fill": fill}, **more},
    }


def clip(media_id: str, x: float, y: float, width: float, height: float, **media: Any) -> Any:
    return {
        "type": "video",
        "x": x,
        "y": y,
        "width": width,
        "height": height,
        "properties": {"media": {"src": f"media:{media_id}", **media}},
    }


def text(content: str, x: float, y: float, width: float, **more: Any) -> Any:
    given = {"content": content, "fontSize": 48, "fontWeight": "700", "color": "#ffffff", **more}
    return {"type": "text", "x": x, "y": y, "width": width, "properties": {"text": given}}


def near(found: Any, wanted: tuple[int, int, int], levels: int = 3) -> bool:
    return bool(numpy.abs(found.astype(int) - numpy.array(wanted)).max() <= levels)


PATCHES = {
    (20, 20): (255, 59, 48),
    (120, 20): (0, 122, 255),
    (220, 20): (52, 199, 89),
    (20, 120): (255, 204, 0),
    (120, 120): (18, 18, 18),
    (220, 120): (175, 82, 222),
}


def test_flat_colours_arrive_within_three_levels_tagged_as_bt709(bench: Workbench) -> None:
    patches = [shape(f"rgb({r},{g},{b})", x, y, 80, 80) for (x, y), (r, g, b) in PATCHES.items()]
    done = bench.make(document(patches, height=360, duration=1), quality="ultra")
    with av.open(str(done.made.path)) as opened:
        context = opened.streams.video[0].codec_context
        assert (int(context.colorspace), int(context.color_range)) == (1, 1)
        assert (int(context.color_primaries), int(context.color_trc)) == (1, 1)
        assert context.pix_fmt == "yuv420p"
    frame = frames_of(done.made.path)[10]
    for (x, y), colour in PATCHES.items():
        assert near(frame[y + 40, x + 40], colour), (x, y, frame[y + 40, x + 40])
    assert near(frame[340, 180], (255, 255, 255))


def test_a_video_has_exactly_its_frames_size_and_duration(bench: Workbench) -> None:
    source = document(
        [
            clip(CLIP, 0, 0, 360, 320),
            text("Over the clip", 20, 60, 320, textAlign="center"),
            {
                "type": "image",
                "x": 120,
                "y": 400,
                "width": 120,
                "height": 120,
                "properties": {"media": {"src": f"media:{PHOTO}", "cornerRadius": 60}},
            },
        ],
        background="#203060",
    )
    steps: list[Progress] = []
    out = bench.folder / "one.mp4"
    done = render(source, ExportSettings(format="mp4"), bench.assets, out, steps.append)
    made = done.made
    assert (made.width, made.height, made.frames, made.duration) == (360, 640, 60, 2.0)
    assert made.has_audio
    assert [step.share for step in steps] == sorted(step.share for step in steps)
    assert steps[-1].share == 1.0
    frames = frames_of(made.path)
    assert len(frames) == 60
    assert frames[0].shape == (640, 360, 3)
    assert near(frames[30][600, 20], (32, 48, 96))
    assert near(frames[30][410, 125], (32, 48, 96))
    assert frames[30][460, 180].max() > 100
    words = frames[30][60:120, 20:340]
    assert (words.min(axis=2) > 235).sum() > 400
    assert numpy.abs(frames[5].astype(int) - frames[50].astype(int))[:300].mean() > 3
    assert loudness(made.path).max() > 0.001
    assert done.thumbnail.read_bytes()[:2] == b"\xff\xd8"


def test_faststart_and_closed_groups_of_two_seconds(bench: Workbench) -> None:
    done = bench.make(document([shape("#ff0000", 0, 0, 360, 640)], duration=5))
    head = done.made.path.read_bytes()[:4096]
    assert head.index(b"moov") < head.index(b"mdat") if b"mdat" in head else b"moov" in head
    with av.open(str(done.made.path)) as opened:
        keys = [
            round(float(packet.pts * packet.time_base), 2)
            for packet in opened.demux(video=0)
            if packet.is_keyframe and packet.pts is not None
        ]
    assert keys == [0.0, 2.0, 4.0]


def test_what_moves_is_where_its_animation_says(bench: Workbench) -> None:
    slide = {
        "type": "slideIn",
        "startTime": 0,
        "duration": 1,
        "properties": {"direction": "left", "distance": 200},
    }
    fade = {"type": "fadeOut", "startTime": 1, "duration": 1}
    turn = {"type": "rotate", "startTime": 0, "duration": 2, "properties": {"from": 0, "to": 90}}
    source = document(
        [
            shape("#ff0000", 200, 100, 100, 100, animations=[slide]),
            shape("#0000ff", 100, 300, 100, 100, animations=[fade]),
            shape("#00aa00", 130, 520, 100, 20, animations=[turn]),
        ]
    )
    frames = frames_of(bench.make(source, quality="ultra").made.path)

    def left_edge(frame: Frame) -> int:
        row = frame[150].astype(int)
        return int(numpy.nonzero((row[:, 0] > 180) & (row[:, 1] < 100))[0][0])

    assert [left_edge(frames[n]) for n in (0, 15, 45)] == pytest.approx([0, 100, 200], abs=2)
    assert near(frames[29][350, 150], (0, 0, 255), 4)
    assert near(frames[45][350, 150], (128, 128, 255), 8)
    assert near(frames[59][350, 150], (248, 248, 255), 10)
    assert near(frames[0][530, 140], (0, 170, 0), 4)
    assert near(frames[59][490, 180], (0, 170, 0), 12)
    assert near(frames[59][530, 140], (255, 255, 255), 4)


def test_a_frame_of_a_video_equals_the_still_at_its_time(bench: Workbench) -> None:
    bounce = {"type": "bounce", "startTime": 0.2, "duration": 1}
    ease = {"type": "fadeIn", "startTime": 0, "duration": 1, "easing": "ease-in"}
    source = document(
        [
            text("Same picture", 20, 60, 320, color="#112244", textAlign="center")
            | {"rotation": 8},
            shape("#ff8800", 60, 300, 240, 120, animations=[bounce, ease]),
        ]
    )
    frames = frames_of(bench.make(source, quality="ultra").made.path)
    for frame in (9, 20, 50):
        still = still_of(bench.make(source, format="png", time=frame / 30 + 1e-4).made.path)
        difference = numpy.abs(frames[frame].astype(int) - still.astype(int))
        assert difference.mean() < 1.0
        assert numpy.percentile(difference, 99) < 24


def test_clip_windows_filters_and_corners_are_kept(bench: Workbench) -> None:
    grey = clip(
        CLIP, 30, 40, 300, 240, filters=[{"type": "grayscale", "value": 1}], cornerRadius=60
    )
    source = document([{**grey, "startTime": 0.5, "duration": 1.0}], background="#0040ff")
    frames = frames_of(bench.make(source, quality="ultra").made.path)
    blue = (0, 64, 255)
    assert near(frames[14][160, 180], blue)
    assert not near(frames[15][160, 180], blue, 40)
    assert not near(frames[44][160, 180], blue, 40)
    assert near(frames[45][160, 180], blue)
    assert near(frames[30][44, 34], blue, 6)
    inside = frames[30][120:200, 100:260].astype(int)
    assert (inside.max(axis=2) - inside.min(axis=2)).max() <= 8


def test_a_brightened_clip_matches_the_css_arithmetic(bench: Workbench) -> None:
    plain = frames_of(bench.make(document([clip(CLIP, 0, 0, 360, 640)]), quality="ultra").made.path)
    filtered = [{"type": "brightness", "value": 0.5}, {"type": "contrast", "value": 1.2}]
    source = document([clip(CLIP, 0, 0, 360, 640, filters=filtered)])
    frames = frames_of(bench.make(source, quality="ultra").made.path)
    wanted = numpy.clip(plain[10] * 0.5 * 1.2 + 0.5 * (1 - 1.2) * 255, 0, 255)
    assert numpy.abs(frames[10] - wanted).mean() < 2.5


def test_sound_follows_volume_start_and_fades(bench: Workbench) -> None:
    def heard(**media: Any) -> NDArray[numpy.float64]:
        sound = {
            "type": "audio",
            "startTime": 1.0,
            "duration": 2.0,
            "properties": {"media": {"src": f"media:{CLIP}", "startOffset": 1.0, **media}},
        }
        made = bench.make(document([sound], duration=4), quality="low").made
        assert made.duration == 4.0
        return loudness(made.path)

    full, half, faded = heard(), heard(volume=0.5), heard(fadeOut=1.0)
    assert full[:9].max() < 1e-3
    assert full[11:29].max() > 0.005
    assert full[32:].max() < 1e-3
    assert half[12:28].mean() / full[12:28].mean() == pytest.approx(0.5, abs=0.03)
    assert faded[27:29].mean() < 0.4 * full[27:29].mean()


def test_a_muted_clip_and_a_silent_document_have_no_sound_track(bench: Workbench) -> None:
    done = bench.make(document([clip(CLIP, 0, 0, 360, 640, muted=True)], duration=1))
    assert not done.made.has_audio
    assert not bench.make(document([clip(BIKES, 0, 0, 360, 640)], duration=1)).made.has_audio


def test_speed_and_start_of_a_clip(bench: Workbench) -> None:
    plain = document([clip(BIKES, 0, 0, 360, 152)], height=160)
    quick = document([clip(BIKES, 0, 0, 360, 152, playbackRate=2.0, startOffset=2.0)], height=160)
    late = document([clip(BIKES, 0, 0, 360, 152, startOffset=3.0)], height=160)
    fast = frames_of(bench.make(quick, quality="ultra").made.path)
    start = frames_of(bench.make(late, quality="ultra").made.path)
    first = frames_of(bench.make(plain, quality="ultra").made.path)
    assert numpy.abs(fast[15].astype(int) - start[0].astype(int)).mean() < 4
    assert numpy.abs(first[0].astype(int) - start[0].astype(int)).mean() > 8


def test_hidden_elements_and_tracks_are_not_drawn(bench: Workbench) -> None:
    hidden = {**shape("#ff0000", 0, 0, 360, 640), "isHidden": True}
    shown = bench.make(document([hidden]), format="png").made
    assert near(still_of(shown.path)[300, 180], (255, 255, 255), 0)


@pytest.mark.parametrize(
    ("kind", "mime"),
    [("png", "image/png"), ("jpg", "image/jpeg"), ("gif", "image/gif"), ("webm", "video/webm")],
)
def test_other_formats(bench: Workbench, kind: str, mime: str) -> None:
    source = document([shape("#2266ee", 0, 0, 180, 640), text("Hi", 200, 60, 150)], duration=1)
    made = bench.make(source, format=kind, quality="medium").made
    assert (made.mime_type, made.width, made.height) == (mime, 360, 640)
    pixels = still_of(made.path) if kind in ("png", "jpg") else frames_of(made.path)[0]
    assert near(pixels[300, 90], (0x22, 0x66, 0xEE), 6)


def test_another_resolution_scales_everything(bench: Workbench) -> None:
    source = document([shape("#ff0000", 0, 0, 180, 320)], duration=1)
    wanted = {"width": 181, "height": 321}
    still = bench.make(source, format="png", resolution=wanted).made
    assert (still.width, still.height) == (181, 321)
    video = bench.make(source, resolution=wanted).made
    assert (video.width, video.height) == (182, 322)
    assert near(frames_of(video.path)[3][80, 45], (255, 0, 0), 4)
    assert near(frames_of(video.path)[3][250, 140], (255, 255, 255), 4)


def test_a_still_of_a_clip_shows_the_frame_at_its_time(bench: Workbench) -> None:
    source = document([clip(CLIP, 0, 0, 360, 202)], height=202, duration=4)
    frames = frames_of(bench.make(source, quality="ultra").made.path)
    still = still_of(bench.make(source, format="png", time=2.0).made.path)
    assert numpy.abs(still.astype(int) - frames[60].astype(int)).mean() < 6


def test_a_watermark_is_drawn_in_its_corner(bench: Workbench) -> None:
    source = document([], background="#333333")
    mark = {"enabled": True, "position": "bottom-right", "opacity": 1}
    pixels = still_of(bench.make(source, format="png", watermark=mark).made.path)
    assert pixels[600:, 180:].max() > 240
    assert pixels[:500].max() < 60
    assert pixels[600:, :150].max() < 60


def test_missing_pictures_fail_with_a_word_people_understand(bench: Workbench) -> None:
    lost = "media:00000000-0000-4000-8000-0000000000ff"
    source = document(
        [{"type": "image", "width": 9, "height": 9, "properties": {"media": {"src": lost}}}]
    )
    with pytest.raises(RenderFailure, match="no longer there") as failed:
        bench.make(source, format="png")
    assert failed.value.code == "missing_asset"


HOSTILE: dict[str, Callable[[Path], bytes]] = {
    "playlist": lambda secret: f"#EXTM3U\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n".encode(),
    "concat list": lambda secret: f"ffconcat version 1.0\nfile {secret}\n".encode(),
    "dash": lambda secret: b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"/>',
    "cut off": lambda secret: secret.read_bytes()[:2000],
    "text": lambda secret: b"hello",
    "empty": lambda secret: b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_named_mp4_is_refused(bench: Workbench, name: str) -> None:
    evil = "00000000-0000-4000-8000-0000000000ee"
    (bench.assets / f"{evil}.mp4").write_bytes(HOSTILE[name](MEDIA / "bikes.mp4"))
    source = document([clip(evil, 0, 0, 360, 640)], duration=1)
    with pytest.raises(RenderFailure) as failed:
        bench.make(source)
    assert failed.value.code == "unsafe_media"
    assert not (bench.folder / "made.mp4").exists()
