"""The ffmpeg that is used, and the flags every untrusted input gets."""

import functools
import subprocess
from pathlib import Path

import imageio_ffmpeg

FFMPEG = Path(imageio_ffmpeg.get_ffmpeg_exe())


def guarded_input(container: str) -> list[str]:
    """Options before `-i`: this container and nothing else, local files and nothing else."""
    return ["-protocol_whitelist", "file", "-format_whitelist", container, "-f", container]


@functools.lru_cache(maxsize=1)
def ffmpeg_version() -> str:
    """The build's first line, part of every cached file's key."""
    told = subprocess.run(  # noqa: S603 - our own binary
        [str(FFMPEG), "-version"], capture_output=True, text=True, check=True, timeout=20
    )
    return told.stdout.splitlines()[0]
