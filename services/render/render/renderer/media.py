"""What a user's file really is: told from its first bytes, then probed under limits.

Names and MIME types are never believed: a playlist called `clip.mp4` is refused here, and the
decoder is later held to the one container found.
"""

from dataclasses import dataclass
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext

from render.renderer.errors import MissingAsset, UnsafeMedia

FORMATS = ("mov", "matroska", "mp3", "wav", "ogg", "flac", "aac", "gif")
PICTURES = ("png", "jpeg", "webp", "gif")
MOST_PIXELS = 8192 * 8192
MOST_SECONDS = 4 * 3600


@dataclass(frozen=True)
class Clip:
    """A probed clip or sound. `width`, `height` as shown (rotation applied), 0 without video."""

    path: Path
    container: str
    width: int
    height: int
    duration: float
    has_audio: bool
    matrix: str
    """The YCbCr matrix to read it with, in ffmpeg's words."""
    full_range: bool


def container_of(path: Path) -> str:
    """ffmpeg's name of the container; raises `UnsafeMedia` for anything not on the list."""
    with path.open("rb") as file:
        head = file.read(16)
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "mov"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "wav"
    if head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return "mp3"
    for start, name in ((b"OggS", "ogg"), (b"fLaC", "flac"), (b"GIF8", "gif")):
        if head.startswith(start):
            return name
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "aac"
    raise UnsafeMedia("A clip of this design is not a media file we can read.")


def picture_of(path: Path) -> str:
    """The kind of a still picture; raises `UnsafeMedia` for anything not on the list."""
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith(b"GIF8"):
        return "gif"
    raise UnsafeMedia("A picture of this design is not an image file we can read.")


def find_asset(folder: Path, media_id: str) -> Path:
    """The asset's file in a job's folder: `<id>` or `<id>.<ending>`; raises `MissingAsset`."""
    plain = folder / media_id
    found = [plain] if plain.is_file() else sorted(folder.glob(f"{media_id}.*"))
    if not found:
        raise MissingAsset("A picture, clip or sound of this design is no longer there.")
    return found[0]


def probe(path: Path) -> Clip:
    """Reads streams and sizes with the container forced; raises `UnsafeMedia`."""
    container = container_of(path)
    options = {"protocol_whitelist": "file", "format_whitelist": container}
    try:
        with av.open(str(path), format=container, options=options) as opened:
            return _clip(path, container, opened)
    except (FFmpegError, ValueError, OSError) as error:
        raise UnsafeMedia("A clip of this design cannot be decoded.") from error


def _clip(path: Path, container: str, opened: InputContainer) -> Clip:
    video = next(iter(opened.streams.video), None)
    width, height, matrix, full = 0, 0, "bt709", False
    if video is not None:
        width, height = video.codec_context.width, video.codec_context.height
        if width * height > MOST_PIXELS:
            raise UnsafeMedia("A clip of this design has too many pixels.")
        matrix, full = _colour(video.codec_context, height)
        frame = next(opened.decode(video), None)
        if frame is not None and abs(round(frame.rotation)) % 180 == 90:
            width, height = height, width
    duration = (opened.duration or 0) / 1_000_000
    if duration > MOST_SECONDS:
        raise UnsafeMedia("A clip of this design is too long.")
    has_audio = bool(opened.streams.audio)
    return Clip(path, container, width, height, duration, has_audio, matrix, full)


def _colour(context: VideoCodecContext, height: int) -> tuple[str, bool]:
    """Untagged video is BT.709 from 720 lines on and BT.601 below, as players take it."""
    told = {1: "bt709", 5: "bt601", 6: "bt601", 9: "bt2020", 10: "bt2020"}
    matrix = told.get(int(context.colorspace), "bt709" if height >= 720 else "bt601")
    full = int(context.color_range) == 2 or str(context.pix_fmt).startswith("yuvj")
    return matrix, full
