"""The one ffmpeg graph of a video, built with ffmpeg-python. No user text ever enters it.

Raw layers come in as BT.709 limited range with straight alpha; clips are cropped before they are
scaled and coloured at their own size; sound is mixed at 48 kHz.
"""

import importlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from render.renderer.clips import PlacedClip
from render.renderer.curves import expression, knots
from render.renderer.encoders import output_options
from render.renderer.media import Clip
from render.renderer.plan import MovingLayer, PixelBox, Plan, Sound, StillLayer
from scene.elements import Filter
from scene.filters import blur_sigma, colour_matrix

# ffmpeg-python ships no type information.
ffmpeg: Any = importlib.import_module("ffmpeg")
_MOST_GAIN = 2.0
_CLIP = "bicubic+accurate_rnd"
_EXACT = f"{_CLIP}+full_chroma_int"


@dataclass(frozen=True)
class StillSource:
    path: Path
    layer: StillLayer


@dataclass(frozen=True)
class MovingSource:
    path: Path
    layer: MovingLayer


@dataclass(frozen=True)
class ClipSource:
    placed: PlacedClip
    mask: Path | None


@dataclass(frozen=True)
class SoundSource:
    sound: Sound
    clip: Clip


LayerSource = StillSource | MovingSource | ClipSource


def build(
    plan: Plan,
    base: Path,
    layers: Sequence[LayerSource],
    sounds: Sequence[SoundSource],
    out: Path,
) -> list[str]:
    """ffmpeg's arguments (without the program) for the whole export."""
    picture = _base(plan, base)
    for layer in layers:
        match layer:
            case StillSource():
                picture = _over_still(plan, picture, layer)
            case MovingSource():
                picture = _over_moving(plan, picture, layer)
            case ClipSource():
                picture = _over_clip(plan, picture, layer)
    sound = _mixed(plan, sounds) if plan.settings.format != "gif" else None
    if plan.settings.format == "gif":
        picture = _palette(picture)
    else:
        # The encoder takes its tags from the frames, not from its own options.
        picture = picture.filter(
            "setparams",
            color_primaries="bt709",
            color_trc="bt709",
            colorspace="bt709",
            range="tv",
        )
    streams = [picture] if sound is None else [picture, sound]
    options = output_options(plan.settings, plan.rate, sound=sound is not None)
    options["frames:v"] = plan.frames
    arguments: list[str] = ffmpeg.get_args(ffmpeg.output(*streams, str(out), **options))
    return arguments


def _raw(plan: Plan, path: Path, width: int, height: int, pixels: str) -> Any:
    return ffmpeg.input(
        str(path),
        f="rawvideo",
        protocol_whitelist="file",
        format_whitelist="rawvideo",
        pixel_format=pixels,
        video_size=(width, height),
        framerate=str(plan.rate),
        thread_queue_size=2,
    )


def _yuv(stream: Any, pixels: str, **more: Any) -> Any:
    scaled = stream.filter("scale", out_color_matrix="bt709", out_range="tv", flags=_EXACT, **more)
    return scaled.filter("format", pixels)


def _base(plan: Plan, path: Path) -> Any:
    view = plan.viewport
    still = _yuv(_raw(plan, path, view.width, view.height, "rgba")["v:0"], "yuv420p")
    looped = still.filter("loop", loop=-1, size=1, start=0)
    return (
        looped.filter("setpts", _ticks("N", 0, plan))
        .filter("setsar", 1)
        .filter("trim", end_frame=plan.frames)
    )


def _ticks(count: str, first: int, plan: Plan) -> str:
    """A timestamp of frame `count + first` of the output, in the stream's own time base."""
    return f"({count}+{first})*{plan.rate.denominator}/({plan.rate.numerator}*TB)"


def _window(first: int, last: int) -> str:
    return f"gte(n,{first})*lt(n,{last})"


def _over(picture: Any, layer: Any, first: int, last: int, **more: Any) -> Any:
    return ffmpeg.overlay(
        picture,
        layer,
        enable=_window(first, last),
        format="yuv420",
        alpha="straight",
        **more,
    )


def _over_still(plan: Plan, picture: Any, source: StillSource) -> Any:
    layer, box = source.layer, source.layer.box
    stream = _yuv(_raw(plan, source.path, box.width, box.height, "rgba")["v:0"], "yuva420p")
    return _over(picture, stream, layer.first, layer.last, x=box.x, y=box.y, eval="init")


def _over_moving(plan: Plan, picture: Any, source: MovingSource) -> Any:
    layer, box = source.layer, source.layer.box
    stream = _late(_sequence(plan, source.path, box), plan, layer.first)
    return _over(picture, stream, layer.first, layer.last, x=box.x, y=box.y, eval="init")


def _sequence(plan: Plan, path: Path, box: PixelBox) -> Any:
    return _yuv(_raw(plan, path, box.width, box.height, "rgba")["v:0"], "yuva420p")


def _late(stream: Any, plan: Plan, first: int) -> Any:
    return stream.filter("setpts", _ticks("N", first, plan))


# Clips -------------------------------------------------------------------------------------------


def _over_clip(plan: Plan, picture: Any, source: ClipSource) -> Any:
    placed, layer = source.placed, source.placed.layer
    stream = _late(_timed(plan, placed), plan, layer.first)
    if source.mask is not None:
        stream = _masked(plan, stream, source.mask, placed)
    stream = _grown(plan, stream, placed)
    stream = _turned(plan, stream, placed)
    x, y = _course(plan, placed)
    return _over(picture, stream, layer.first, layer.last, x=x, y=y, eval="frame")


def _timed(plan: Plan, placed: PlacedClip) -> Any:
    """The clip trimmed, at the output's frame rate, cropped, coloured, scaled."""
    media = placed.layer.element.properties.media
    rate = media.playback_rate if media else 1.0
    offset = media.start_offset if media else 0.0
    loop = media.loop if media else False
    span = float((placed.layer.last - placed.layer.first + 2) / plan.rate) * rate
    opened = _clip_input(placed.clip, offset, span, loop)["v:0"]
    stream = opened.filter("setpts", f"(PTS-STARTPTS)/{rate:.6f}")
    stream = stream.filter("fps", fps=str(plan.rate), start_time=0)
    x, y, width, height = placed.crop
    if (width, height) != (placed.clip.width, placed.clip.height):
        stream = stream.filter("crop", width, height, x, y)
    return _finished(plan, stream, placed)


def _clip_input(clip: Clip, offset: float, span: float, loop: bool) -> Any:
    more = {"stream_loop": -1} if loop else {}
    return ffmpeg.input(
        str(clip.path),
        f=clip.container,
        protocol_whitelist="file",
        format_whitelist=clip.container,
        ss=f"{offset:.6f}",
        t=f"{span:.6f}",
        **more,
    )


def _finished(plan: Plan, stream: Any, placed: PlacedClip) -> Any:
    item, clip = placed.layer.item, placed.clip
    reading = {"in_color_matrix": clip.matrix, "in_range": "pc" if clip.full_range else "tv"}
    coloured = any(colour_matrix(one.type, one.value) is not None for one in item.filters)
    if coloured:
        stream = stream.filter("scale", flags=_CLIP, **reading).filter("format", "gbrp")
        stream = _coloured(stream, item.filters)
        reading = {}
    stream = stream.filter(
        "scale",
        placed.width,
        placed.height,
        flags=_CLIP,
        out_color_matrix="bt709",
        out_range="tv",
        **reading,
    ).filter("format", "yuv420p")
    stream = stream.filter("setsar", 1)
    if item.flip_x:
        stream = stream.filter("hflip")
    if item.flip_y:
        stream = stream.filter("vflip")
    if sigma := blur_sigma(item.filters) * plan.viewport.scale:
        stream = stream.filter("gblur", sigma=f"{min(1024.0, sigma):.3f}")
    return stream


def _coloured(stream: Any, filters: Sequence[Filter]) -> Any:
    """CSS colour filters on RGB planes, each clamped before the next, as browsers do."""
    for one in filters:
        if one.type in ("brightness", "contrast"):
            constant = 0.0 if one.type == "brightness" else 0.5 - 0.5 * one.value
            level = f"clip(val*{one.value:.6f}+{constant * 255:.6f}+0.5,0,255)"
            stream = stream.filter("lutrgb", r=level, g=level, b=level)
            continue
        for matrix_value in _steps(one):
            matrix = colour_matrix(one.type, matrix_value)
            if matrix is not None:
                gains = {
                    f"{row}{column}": f"{matrix[i][j]:.6f}"
                    for i, row in enumerate("rgb")
                    for j, column in enumerate("rgb")
                }
                stream = stream.filter("colorchannelmixer", **gains)
    return stream


def _steps(one: Filter) -> list[float]:
    """Gains are limited to 2: strong saturation is reached in equal steps, which multiply."""
    if one.type != "saturation" or one.value <= _MOST_GAIN:
        return [one.value]
    count = math.ceil(math.log(one.value) / math.log(_MOST_GAIN))
    return [one.value ** (1 / count)] * count


def _masked(plan: Plan, stream: Any, mask: Path, placed: PlacedClip) -> Any:
    grey = _raw(plan, mask, placed.width, placed.height, "gray")["v:0"]
    if placed.mask_moves:
        grey = _late(grey, plan, placed.layer.first)
    return ffmpeg.filter([stream, grey], "alphamerge").filter("format", "yuva420p")


def _grown(plan: Plan, stream: Any, placed: PlacedClip) -> Any:
    scales = [motion.scale for motion in placed.motions]
    if all(scale == 1 for scale in scales):
        return stream
    factor = expression(knots(scales, placed.layer.first, 0.002), plan.rate)
    return stream.filter(
        "scale",
        w=f"max(2,2*round({placed.width}*({factor})/2))",
        h=f"max(2,2*round({placed.height}*({factor})/2))",
        eval="frame",
        flags="bilinear",
    )


def _turned(plan: Plan, stream: Any, placed: PlacedClip) -> Any:
    rotations = [math.radians(angle) for angle in placed.rotations]
    if all(angle == 0 for angle in rotations):
        return stream
    angle = expression(knots(rotations, placed.layer.first, 0.002), plan.rate)
    side = "2*ceil(hypot(iw,ih)/2)"
    turned = stream.filter("format", "yuva420p")
    return turned.filter("rotate", a=angle, ow=side, oh=side, c="black@0")


def _course(plan: Plan, placed: PlacedClip) -> tuple[str, str]:
    """The overlay's corner over time: the centre's path less half of the picture's size."""
    scale, first = plan.viewport.scale, placed.layer.first
    across = [placed.x + placed.width / 2 + m.dx * scale for m in placed.motions]
    down = [placed.y + placed.height / 2 + m.dy * scale for m in placed.motions]
    x = expression(knots(across, first, 0.25), plan.rate)
    y = expression(knots(down, first, 0.25), plan.rate)
    return f"round({x}-w/2)", f"round({y}-h/2)"


# Sound -------------------------------------------------------------------------------------------


def _mixed(plan: Plan, sounds: Sequence[SoundSource]) -> Any | None:
    """All sounds at 48 kHz stereo, exactly as long as the picture; None for silence."""
    if not sounds:
        return None
    streams = [_sound(source) for source in sounds]
    mixed = streams[0]
    if len(streams) > 1:
        mixed = ffmpeg.filter(
            streams, "amix", inputs=len(streams), normalize=0, dropout_transition=0
        )
    if len(streams) > 1 or any(source.sound.volume > 1 for source in sounds):
        mixed = mixed.filter("alimiter", limit=0.97, level="disabled", latency=1)
    padded = mixed.filter("apad", whole_dur=f"{plan.duration:.6f}")
    return padded.filter("atrim", end=f"{plan.duration:.6f}")


def _sound(source: SoundSource) -> Any:
    sound = source.sound
    span = sound.duration * sound.rate
    stream = _clip_input(source.clip, sound.offset, span, sound.loop)["a:0"]
    stream = stream.filter("asetpts", "PTS-STARTPTS")
    stream = stream.filter("aresample", 48000).filter(
        "aformat", sample_fmts="fltp", channel_layouts="stereo"
    )
    for tempo in _tempos(sound.rate):
        stream = stream.filter("atempo", f"{tempo:.6f}")
    stream = stream.filter("atrim", end=f"{sound.duration:.6f}")
    if sound.volume != 1:
        stream = stream.filter("volume", f"{sound.volume:.6f}")
    if sound.fade_in > 0:
        stream = stream.filter("afade", t="in", d=f"{sound.fade_in:.3f}")
    if sound.fade_out > 0:
        start = max(0.0, sound.duration - sound.fade_out)
        stream = stream.filter("afade", t="out", st=f"{start:.3f}", d=f"{sound.fade_out:.3f}")
    if sound.start > 0:
        stream = stream.filter("adelay", delays=f"{round(sound.start * 1000)}", all=1)
        # A common delay only moves timestamps: the gap is filled with silence here.
        stream = stream.filter("aresample", 48000, **{"async": 1, "first_pts": 0})
    return stream


def _tempos(rate: float) -> list[float]:
    """atempo steps between 0.5 and 2, beyond which it drops samples."""
    if rate == 1:
        return []
    count = max(1, math.ceil(abs(math.log2(rate))))
    return [rate ** (1 / count)] * count


def _palette(picture: Any) -> Any:
    parts = picture.filter_multi_output("split")
    palette = parts[0].filter("palettegen", stats_mode="diff")
    return ffmpeg.filter([parts[1], palette], "paletteuse", dither="bayer", bayer_scale=4)
