"""The file types we take, how each is recognised, and the demuxer it may be opened with."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import filetype

MediaType = Literal["image", "video", "audio"]


@dataclass(frozen=True)
class FileType:
    """One accepted type. `demuxer` forces FFmpeg's format: no content can choose another."""

    mime_type: str
    media_type: MediaType
    extension: str
    demuxer: str | None
    sniffed_as: frozenset[str]
    max_bytes: int


_MB = 1_000_000


def _type(
    mime: str, media: MediaType, extension: str, demuxer: str | None, megabytes: int, *also: str
) -> FileType:
    return FileType(mime, media, extension, demuxer, frozenset((mime, *also)), megabytes * _MB)


ACCEPTED: dict[str, FileType] = {
    kind.mime_type: kind
    for kind in (
        _type("image/jpeg", "image", "jpg", None, 50),
        _type("image/png", "image", "png", None, 50),
        _type("image/webp", "image", "webp", None, 50),
        _type("video/mp4", "video", "mp4", "mp4", 2000, "video/quicktime", "video/x-m4v"),
        _type("video/quicktime", "video", "mov", "mov", 2000, "video/mp4"),
        _type("video/webm", "video", "webm", "matroska", 2000, "video/x-matroska"),
        _type("audio/mpeg", "audio", "mp3", "mp3", 200),
        _type("audio/mp4", "audio", "m4a", "mp4", 200, "audio/x-m4a", "video/mp4"),
        _type("audio/wav", "audio", "wav", "wav", 200, "audio/x-wav"),
        _type("audio/ogg", "audio", "ogg", "ogg", 200),
    )
}


def looks_like(path: Path, expected: FileType) -> bool:
    """Whether the file's first bytes are those of the type it was announced as."""
    mime: str | None = filetype.guess_mime(str(path))  # pyright: ignore[reportUnknownMemberType] - the package has no types
    return mime in expected.sniffed_as
