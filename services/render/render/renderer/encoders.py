"""What each format and quality means to the encoder."""

from fractions import Fraction
from typing import Any

from render.renderer.options import ExportSettings

# Bumped when the same settings would give other bytes: part of every cached file's key.
BUILD = 1

# x264's effort and quality, VP9's quality. Measured on two cores: see docs of the service.
_X264 = {
    "low": ("superfast", 28),
    "medium": ("veryfast", 23),
    "high": ("veryfast", 20),
    "ultra": ("medium", 17),
}
_VP9 = {"low": 40, "medium": 34, "high": 30, "ultra": 24}
JPEG_QUALITY = {"low": 70, "medium": 82, "high": 92, "ultra": 98}
PNG_LEVEL = {"low": 1, "medium": 1, "high": 4, "ultra": 9}
_BT709 = {"colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709"}


def output_options(settings: ExportSettings, rate: Fraction, *, sound: bool) -> dict[str, Any]:
    """ffmpeg's options of the output file, by name."""
    options: dict[str, Any] = {**_metadata(settings), "map_metadata": -1}
    match settings.format:
        case "mp4" | "mov":
            options |= _h264(settings, rate)
            options |= {"movflags": "+faststart", "f": settings.format}
            options |= _audio("aac", settings) if sound else {}
        case "webm":
            options |= _vp9(settings, rate)
            options |= {"f": "webm"}
            options |= _audio("libopus", settings) if sound else {}
        case _:
            options |= {"f": "gif", "loop": 0}
    return options


def _h264(settings: ExportSettings, rate: Fraction) -> dict[str, Any]:
    preset, crf = _X264[settings.quality]
    return {
        "c:v": "libx264",
        "preset": preset,
        "profile:v": "high",
        "pix_fmt": "yuv420p",
        **_rate_control(settings, crf),
        **_group(rate),
        **_BT709,
        "color_range": "tv",
    }


def _vp9(settings: ExportSettings, rate: Fraction) -> dict[str, Any]:
    control = (
        {"b:v": f"{settings.bitrate}k"}
        if settings.bitrate
        else {"crf": _VP9[settings.quality], "b:v": 0}
    )
    return {
        "c:v": "libvpx-vp9",
        "deadline": "realtime",
        "cpu-used": 6,
        "row-mt": 1,
        "pix_fmt": "yuv420p",
        **control,
        "g": round(rate * 2),
        **_BT709,
        "color_range": "tv",
    }


def _rate_control(settings: ExportSettings, crf: int) -> dict[str, Any]:
    if settings.bitrate:
        rate = settings.bitrate
        return {"b:v": f"{rate}k", "maxrate": f"{rate * 3 // 2}k", "bufsize": f"{rate * 2}k"}
    limit = settings.encoding.video_kbps_max
    capped = {"maxrate": f"{limit}k", "bufsize": f"{limit * 2}k"} if limit else {}
    return {"crf": crf, **capped}


def _group(rate: Fraction) -> dict[str, Any]:
    """Closed groups of two seconds: platforms cut and seek there."""
    return {"g": round(rate * 2), "flags": "+cgop"}


def _audio(codec: str, settings: ExportSettings) -> dict[str, Any]:
    return {"c:a": codec, "b:a": f"{settings.encoding.audio_kbps or 128}k", "ar": 48000, "ac": 2}


def _metadata(settings: ExportSettings) -> dict[str, Any]:
    given = settings.metadata
    if given is None or settings.format == "gif":
        return {}
    told = {
        "title": given.title,
        "comment": given.description,
        "keywords": ", ".join(given.tags),
    }
    return {f"metadata:g:{at}": f"{k}={v}" for at, (k, v) in enumerate(told.items()) if v}
