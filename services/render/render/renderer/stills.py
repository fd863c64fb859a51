"""Stills: Skia alone, from display list to file."""

import zlib
from pathlib import Path
from typing import Any

import numpy

from render.renderer.encoders import JPEG_QUALITY, PNG_LEVEL
from render.renderer.options import ExportSettings
from render.renderer.plan import viewport_of
from render.renderer.watermark import with_watermark
from scene.display import compile as compile_display
from scene.display import poster_time
from scene.document import Document
from scene.draw import Pictures, Pixels, fill_paint, paint, raster
from scene.untyped import skia


def still_time(document: Document, settings: ExportSettings) -> float | None:
    """The second a still shows; None paints everything at rest (formats without video)."""
    if settings.time is not None:
        return min(settings.time, max(0.0, document.duration - 0.001))
    if document.canvas.is_static:
        return None
    return poster_time(document)


def paint_still_picture(document: Document, settings: ExportSettings, pictures: Pictures) -> Pixels:
    """The whole picture as opaque RGBA."""
    marked = with_watermark(document, settings)
    view = viewport_of(marked, settings)
    listing = compile_display(marked, still_time(document, settings))

    def painter(canvas: Any) -> None:
        around = fill_paint(listing.background, view.width, view.height)
        canvas.drawRect(skia.Rect.MakeWH(view.width, view.height), around)
        canvas.translate(view.dx, view.dy)
        canvas.scale(view.scale, view.scale)
        paint(canvas, listing, pictures)

    return raster(view.width, view.height, painter)


def write_still(pixels: Pixels, settings: ExportSettings, out: Path) -> Any:
    """Encodes and writes; gives the Skia image for the thumbnail."""
    image = skia.Image.fromarray(
        numpy.ascontiguousarray(pixels), colorType=skia.ColorType.kRGBA_8888_ColorType
    )
    data = _jpeg(pixels, settings) if settings.format == "jpg" else _png(pixels, settings)
    out.write_bytes(data)
    return image


def _jpeg(pixels: Pixels, settings: ExportSettings) -> bytes:
    """At the asked quality, or the best below it that fits into `max_bytes`."""
    flat, data = _flat(pixels), b""
    for quality in range(JPEG_QUALITY[settings.quality], 29, -8):
        data = bytes(flat.encodeToData(skia.EncodedImageFormat.kJPEG, quality))
        if settings.max_bytes is None or len(data) <= settings.max_bytes:
            break
    return data


def _png(pixels: Pixels, settings: ExportSettings) -> bytes:
    data = png(pixels, PNG_LEVEL[settings.quality])
    if settings.max_bytes is not None and len(data) > settings.max_bytes:
        data = png(pixels, 9)
    return data


def _flat(pixels: Pixels) -> Any:
    opaque = pixels.copy()
    opaque[..., 3] = 255
    return skia.Image.fromarray(opaque, colorType=skia.ColorType.kRGBA_8888_ColorType)


def png(pixels: Pixels, level: int) -> bytes:
    """A PNG at a chosen zlib level: compression is most of a still's time.

    Opaque pictures are written as RGB; every row is filtered by the one above it.
    """
    height, width = pixels.shape[:2]
    opaque = bool((pixels[..., 3] == 255).all())
    rows = pixels[..., :3] if opaque else pixels
    channels = rows.shape[2]
    flat = numpy.ascontiguousarray(rows).reshape(height, width * channels)
    above = numpy.vstack([numpy.zeros((1, width * channels), dtype=numpy.uint8), flat[:-1]])
    filtered = numpy.empty((height, width * channels + 1), dtype=numpy.uint8)
    filtered[:, 0] = 2
    numpy.subtract(flat, above, out=filtered[:, 1:])
    kind = 2 if opaque else 6
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, kind, 0, 0, 0])
    chunks = (
        _chunk(b"IHDR", header),
        _chunk(b"sRGB", b"\x00"),
        _chunk(b"IDAT", zlib.compress(filtered.tobytes(), level)),
        _chunk(b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(kind + body).to_bytes(4, "big")
    return len(body).to_bytes(4, "big") + kind + body + checksum
