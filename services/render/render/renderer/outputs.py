"""Looks at the file that was made: is it what was asked for? And its thumbnail."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy

from render.renderer.errors import WrongOutput
from render.renderer.plan import Plan
from scene.untyped import skia

THUMBNAIL_SIDE = 480


@dataclass(frozen=True)
class Made:
    """A checked file. `duration` in seconds, 0 for stills; `file_size` in bytes."""

    path: Path
    mime_type: str
    width: int
    height: int
    duration: float
    frames: int
    has_audio: bool
    file_size: int
    sha256: str


def check_video(path: Path, plan: Plan, *, sound: bool) -> Made:
    """Probes a video and compares it with its plan; raises `WrongOutput`."""
    with av.open(str(path)) as opened:
        video = opened.streams.video[0]
        width, height = video.codec_context.width, video.codec_context.height
        frames = sum(1 for packet in opened.demux(video) if packet.size)
        seconds = (opened.duration or 0) / 1_000_000
        has_audio = bool(opened.streams.audio)
    problems: list[str] = []
    if (width, height) != (plan.viewport.width, plan.viewport.height):
        problems.append(f"{width}×{height} pixels")
    if abs(frames - plan.frames) > 1 and plan.settings.format != "gif":
        problems.append(f"{frames} frames instead of {plan.frames}")
    # Sound is coded in blocks of 1024 samples, so a container may end up to one later.
    slack = 1 / float(plan.rate) + 1024 / 48000 + 0.001
    if plan.settings.format == "gif":
        slack += 0.01 * plan.frames
    if abs(seconds - plan.duration) > slack:
        problems.append(f"{seconds:.3f} seconds instead of {plan.duration:.3f}")
    if has_audio != sound:
        problems.append("a sound track" if has_audio else "no sound track")
    if problems:
        raise WrongOutput(f"The finished video has {', '.join(problems)}.")
    return _made(path, plan.settings.mime_type, width, height, plan.duration, frames, has_audio)


def check_still(path: Path, width: int, height: int, mime_type: str) -> Made:
    """Decodes a still and compares its size; raises `WrongOutput`."""
    image = skia.Image.MakeFromEncoded(skia.Data.MakeFromFileName(str(path)))
    if image is None or (image.width(), image.height()) != (width, height):
        raise WrongOutput("The finished picture is not as asked for.")
    return _made(path, mime_type, width, height, 0.0, 1, False)


def _made(
    path: Path, mime: str, width: int, height: int, duration: float, frames: int, audio: bool
) -> Made:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    size = path.stat().st_size
    return Made(path, mime, width, height, round(duration, 3), frames, audio, size, digest)


def video_frame(path: Path, time: float) -> Any:
    """The frame of our own video at (or just before) `time`, as a Skia image."""
    with av.open(str(path)) as opened:
        video = opened.streams.video[0]
        if video.time_base and path.suffix != ".gif":
            opened.seek(int(time / float(video.time_base)), stream=video)
        chosen: av.VideoFrame | None = None
        for frame in opened.decode(video):
            if chosen is not None and (frame.time or 0) > time + 1e-4:
                break
            chosen = frame
        if chosen is None:
            raise WrongOutput("The finished video has no frames.")
        pixels = chosen.to_ndarray(format="rgba")
    return skia.Image.fromarray(
        numpy.ascontiguousarray(pixels), colorType=skia.ColorType.kRGBA_8888_ColorType
    )


def write_thumbnail(image: Any, path: Path) -> None:
    """A JPEG whose longer side is at most `THUMBNAIL_SIDE` pixels."""
    scale = min(1.0, THUMBNAIL_SIDE / max(image.width(), image.height()))
    width = max(1, round(image.width() * scale))
    height = max(1, round(image.height() * scale))
    sampling = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
    small = image.resize(width, height, sampling)
    path.write_bytes(bytes(small.encodeToData(skia.EncodedImageFormat.kJPEG, 82)))
