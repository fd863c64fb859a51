"""What a person asks of an export: the seed's ExportSettings, checked and made exact."""

from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from scene.document import Document

STILLS = ("png", "jpg")
MIME_TYPES = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "gif": "image/gif",
    "png": "image/png",
    "jpg": "image/jpeg",
}
DEFAULT_FPS = 30
# What the container itself and the encoder's overshoot take is kept free.
_CONTAINER_SHARE = 0.9
MOST_PIXELS = 4096 * 4096


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=to_camel,
        populate_by_name=True,
        allow_inf_nan=False,
    )


class Resolution(_Part):
    """Pixels of the file; odd sides become the next even number in videos."""

    width: Annotated[int, Field(ge=16, le=8192)]
    height: Annotated[int, Field(ge=16, le=8192)]


class Watermark(_Part):
    enabled: bool = False
    position: Literal["top-left", "top-right", "bottom-left", "bottom-right", "center"] = (
        "bottom-right"
    )
    opacity: Annotated[float, Field(ge=0, le=1)] = 0.6


class Metadata(_Part):
    """Written into the file as title, description and keywords."""

    title: Annotated[str, Field(max_length=500)] = ""
    description: Annotated[str, Field(max_length=5000)] = ""
    tags: Annotated[tuple[str, ...], Field(max_length=100)] = ()


class Encoding(_Part):
    """What a social format wants of a video; the defaults suit every format of the catalogue."""

    video_kbps_max: Annotated[int, Field(ge=100, le=100_000)] | None = 25_000
    audio_kbps: Annotated[int, Field(ge=32, le=512)] | None = 128


class ExportSettings(_Part):
    """J21. `fps` frames a second, `bitrate` kbit/s, `time` the second a still shows.

    Without `resolution` the file has the canvas's size; without `time` a still shows the moment
    that shows most. `static` (or a canvas of a format without video) paints every element at rest.
    """

    format: Literal["mp4", "mov", "webm", "gif", "png", "jpg"] = "mp4"
    quality: Literal["low", "medium", "high", "ultra"] = "high"
    fps: Annotated[float, Field(ge=1, le=60)] | None = None
    bitrate: Annotated[int, Field(ge=50, le=100_000)] | None = None
    resolution: Resolution | None = None
    watermark: Watermark | None = None
    metadata: Metadata | None = None
    time: Annotated[float, Field(ge=0, le=86_400)] | None = None
    include_audio: bool = True
    encoding: Encoding = Encoding()
    max_bytes: Annotated[int, Field(ge=1)] | None = None

    def within(self, most_bytes: int | None, duration: float) -> "ExportSettings":
        """The same, with the bit rate held so that `duration` seconds fit into `most_bytes`."""
        if most_bytes is None or duration <= 0:
            return self
        audio = (self.encoding.audio_kbps or 128) if self.include_audio else 0
        room = max(100, int(most_bytes * 8 / duration / 1000 * _CONTAINER_SHARE) - audio)
        most = min(room, self.encoding.video_kbps_max or room)
        encoding = self.encoding.model_copy(update={"video_kbps_max": most})
        bitrate = None if self.bitrate is None else min(self.bitrate, most)
        return self.model_copy(update={"encoding": encoding, "bitrate": bitrate})

    @property
    def is_still(self) -> bool:
        return self.format in STILLS

    @property
    def mime_type(self) -> str:
        return MIME_TYPES[self.format]

    def rate(self) -> Fraction:
        """Frames a second, exact: 29.97 means 30000/1001. GIFs are held to 15."""
        fps = self.fps or DEFAULT_FPS
        if self.format == "gif":
            fps = min(fps, 15)
        for whole in (24, 30, 60):
            if abs(fps - whole * 1000 / 1001) < 0.005:
                return Fraction(whole * 1000, 1001)
        return Fraction(fps).limit_denominator(1000)

    def size(self, document: Document) -> tuple[int, int]:
        """Width and height of the file in pixels; even for videos."""
        width, height = document.canvas.width, document.canvas.height
        if self.resolution is not None:
            width, height = self.resolution.width, self.resolution.height
        if self.is_still:
            return width, height
        return width + width % 2, height + height % 2

    def canonical(self) -> dict[str, Any]:
        """The members that matter for the file, for hashing."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
