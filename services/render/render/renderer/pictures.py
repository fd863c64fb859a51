"""Pictures of a job: decoded once from its folder, the pack, or a clip's frame."""

import subprocess
from pathlib import Path
from typing import Any

import numpy

from render.renderer.errors import MissingAsset, UnsafeMedia
from render.renderer.jail import Jail, limits
from render.renderer.media import find_asset, picture_of, probe
from render.renderer.tools import FFMPEG, guarded_input
from scene.draw import MissingPicture
from scene.packaged import packaged_picture
from scene.untyped import skia


class JobPictures:
    """`folder` holds assets by media id; clip frames are cut out inside the jail."""

    def __init__(self, folder: Path, work: Path, jail: Jail) -> None:
        self._folder, self._work, self._jail = folder, work, jail
        self._known: dict[tuple[str, float | None], Any] = {}

    def picture(self, source: str, time: float | None) -> Any:
        """A Skia image; raises a `RenderFailure` or `MissingPicture`."""
        key = (source, time)
        if key not in self._known:
            self._known[key] = self._load(source, time)
        return self._known[key]

    def _load(self, source: str, time: float | None) -> Any:
        if source.startswith("pack:"):
            packaged = packaged_picture(source)
            if packaged is None:
                raise MissingPicture(source)
            return _decode(packaged)
        path = find_asset(self._folder, source.removeprefix("media:"))
        return _decode(path) if time is None else self._frame(path, time)

    def _frame(self, path: Path, time: float) -> Any:
        clip = probe(path)
        if not clip.width:
            raise UnsafeMedia("A clip of this design has no picture.")
        at = max(0.0, min(time, clip.duration - 0.05)) if clip.duration else 0.0
        out = self._work / "frame.rgba"
        command = [
            *(str(FFMPEG), "-hide_banner", "-nostdin", "-y", "-v", "error", "-ss", f"{at:.4f}"),
            *guarded_input(clip.container),
            *("-i", str(path), "-map", "0:v:0", "-frames:v", "1", "-an", "-sn", "-dn"),
            *("-vf", f"scale=in_color_matrix={clip.matrix},format=rgba"),
            *("-f", "rawvideo", str(out)),
        ]
        wrapped = self._jail.wrap(command, folder=self._work, readable=[FFMPEG.parent, path])
        done = subprocess.run(  # noqa: S603 - our own command line
            wrapped, capture_output=True, timeout=60, check=False, preexec_fn=limits()
        )
        size = clip.width * clip.height * 4
        if done.returncode != 0 or not out.is_file() or out.stat().st_size < size:
            raise UnsafeMedia("A clip of this design cannot be decoded.")
        pixels = numpy.fromfile(out, dtype=numpy.uint8, count=size)
        out.unlink()
        shaped = numpy.ascontiguousarray(pixels.reshape(clip.height, clip.width, 4))
        return skia.Image.fromarray(shaped, colorType=skia.ColorType.kRGBA_8888_ColorType)


def _decode(path: Path) -> Any:
    picture_of(path)
    image = skia.Image.MakeFromEncoded(skia.Data.MakeFromFileName(str(path)))
    if image is None:
        raise UnsafeMedia("A picture of this design cannot be decoded.")
    if image.width() * image.height() > 100_000_000:
        raise UnsafeMedia("A picture of this design has too many pixels.")
    return image.makeRasterImage()


__all__ = ["JobPictures", "MissingAsset"]
