"""The contact sheet: every delivered file side by side, at one height, with its name and size."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import av
import fontpkg_inter
from PIL import Image, ImageDraw, ImageFont

TILE_HEIGHT = 960
MARGIN = 48
CAPTION = 96
INK = (24, 24, 27)
PAPER = (244, 244, 242)
GREY = (113, 113, 122)


@dataclass(frozen=True)
class Delivered:
    """One downloaded file. Sizes in pixels, bytes and seconds; `sound` is False for stills."""

    title: str
    path: Path
    width: int
    height: int
    bytes: int
    seconds: float
    sound: bool
    rendered_in: float


def inspect(title: str, path: Path, rendered_in: float) -> Delivered:
    """Read back what a file really is."""
    if path.suffix == ".mp4":
        with av.open(str(path)) as container:
            video = container.streams.video[0]
            seconds = float((container.duration or 0) / 1_000_000)
            sound = bool(container.streams.audio)
            return Delivered(
                title, path, video.width, video.height, path.stat().st_size, seconds, sound,
                rendered_in,
            )  # fmt: skip
    with Image.open(path) as picture:
        width, height = picture.size
    return Delivered(title, path, width, height, path.stat().st_size, 0.0, False, rendered_in)


def frame_of(file: Delivered) -> Any:
    """The still itself, or a video's frame half way, where everything has appeared."""
    if file.path.suffix != ".mp4":
        with Image.open(file.path) as picture:
            return picture.convert("RGB")
    with av.open(str(file.path)) as container:
        wanted = file.seconds / 2
        for frame in container.decode(video=0):
            if frame.time >= wanted:
                return cast(Any, frame).to_image()
    raise ValueError(f"{file.path.name} has no frame at {wanted:.1f} s")


def write_overview(files: list[Delivered], target: Path) -> None:
    tiles = [frame_of(file) for file in files]
    scaled = [
        tile.resize((round(tile.width * TILE_HEIGHT / tile.height), TILE_HEIGHT)) for tile in tiles
    ]
    width = sum(tile.width for tile in scaled) + MARGIN * (len(scaled) + 1)
    sheet = Image.new("RGB", (width, TILE_HEIGHT + 2 * MARGIN + CAPTION), PAPER)
    draw = ImageDraw.Draw(sheet)
    title_font, small_font = _font(30), _font(22)
    left = MARGIN
    for file, tile in zip(files, scaled, strict=True):
        sheet.paste(tile, (left, MARGIN))
        top = MARGIN + TILE_HEIGHT + 16
        draw.text((left, top), file.title, INK, title_font)
        draw.text((left, top + 40), described(file), GREY, small_font)
        left += tile.width + MARGIN
    sheet.save(target, compress_level=4)


def _font(size: int) -> ImageFont.FreeTypeFont:
    face = Path(fontpkg_inter.__file__).parent / "files" / "Inter[opsz,wght].ttf"
    return ImageFont.truetype(str(face), size)


def described(file: Delivered) -> str:
    parts = [f"{file.width}×{file.height}", f"{file.bytes / 1000:,.0f} kB"]
    if file.seconds:
        parts += [f"{file.seconds:.1f} s", "sound" if file.sound else "silent"]
    return " · ".join(parts)
