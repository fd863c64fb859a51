"""Paints exactly what a display list says, with Skia. No decisions here."""

import math
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any, Protocol, assert_never

import numpy
from numpy.typing import NDArray

from scene.colour import Gradient, Rgba, parse_colour, parse_fill
from scene.display import DisplayList, PictureItem, Placed, ShapeItem, TextItem
from scene.filters import blur_sigma, colour_matrices
from scene.fonts import registry
from scene.text import TextFace, paragraph
from scene.textrun import Plate, RunShadow, TextRun
from scene.untyped import skia

Pixels = NDArray[numpy.uint8]
AnyItem = TextItem | PictureItem | ShapeItem


class MissingPicture(Exception):
    """A picture the list names cannot be had."""


class Pictures(Protocol):
    """Where pictures come from: a Skia image for a source (at a time, for clips)."""

    def picture(self, source: str, time: float | None) -> Any:
        """Raises `MissingPicture`."""
        ...


def paint(canvas: Any, listing: DisplayList, pictures: Pictures) -> None:
    """Paints a whole frame, background first, on a Skia canvas of the list's size."""
    whole = skia.Rect.MakeWH(listing.width, listing.height)
    canvas.save()
    canvas.clipRect(whole)
    canvas.drawRect(whole, fill_paint(listing.background, listing.width, listing.height))
    for item in listing.items:
        paint_item(canvas, item, pictures)
    canvas.restore()


def paint_item(canvas: Any, item: AnyItem, pictures: Pictures) -> None:
    """Paints one item with its place, turn and opacity."""
    if item.opacity <= 0 or item.scale <= 0:
        return
    with _layer(canvas, item):
        match item:
            case TextItem():
                paint_text(canvas, item.run)
            case PictureItem():
                image = pictures.picture(item.source, item.source_time)
                paint_picture(canvas, item, image)
            case ShapeItem():
                paint_shape(canvas, item)
            case _:
                assert_never(item)


@contextmanager
def _layer(canvas: Any, item: Placed) -> Any:
    canvas.save()
    canvas.translate(item.x + item.dx + item.width / 2, item.y + item.dy + item.height / 2)
    canvas.rotate(item.rotation)
    canvas.scale(item.scale, item.scale)
    canvas.translate(-item.width / 2, -item.height / 2)
    if item.opacity < 1:
        canvas.saveLayerAlpha(None, round(item.opacity * 255))
    try:
        yield
    finally:
        if item.opacity < 1:
            canvas.restore()
        canvas.restore()


def _colour(rgba: Rgba) -> Any:
    red, green, blue, alpha = rgba
    return skia.Color4f(red / 255, green / 255, blue / 255, alpha)


def fill_paint(fill: str, width: float, height: float) -> Any:
    """A paint for a colour or gradient over a box at the origin."""
    made = skia.Paint(AntiAlias=True, Dither=False)
    parsed = parse_fill(fill)
    if isinstance(parsed, Gradient):
        made.setShader(_gradient(parsed, width, height))
    else:
        made.setColor4f(_colour(parsed))
    return made


def _gradient(gradient: Gradient, width: float, height: float) -> Any:
    colours = [_colour(stop.colour).toColor() for stop in gradient.stops]
    offsets = [stop.offset for stop in gradient.stops]
    if gradient.kind == "radial":
        matrix = skia.Matrix()
        matrix.setScale(width / 2 * math.sqrt(2), height / 2 * math.sqrt(2))
        matrix.postTranslate(width / 2, height / 2)
        return skia.GradientShader.MakeRadial(
            skia.Point(0, 0), 1.0, colours, offsets, skia.TileMode.kClamp, 0, matrix
        )
    turn = math.radians(gradient.angle)
    across, down = math.sin(turn), -math.cos(turn)
    half = (abs(width * across) + abs(height * down)) / 2
    middle = skia.Point(width / 2, height / 2)
    ends = [
        skia.Point(middle.x() - across * half, middle.y() - down * half),
        skia.Point(middle.x() + across * half, middle.y() + down * half),
    ]
    return skia.GradientShader.MakeLinear(ends, colours, offsets, skia.TileMode.kClamp)


# Text --------------------------------------------------------------------------------------------


def paint_text(canvas: Any, run: TextRun) -> None:
    """Plates, then shadows, strokes and glyphs of a run at the origin."""
    for plate in run.plates:
        _paint_plate(canvas, plate)
    canvas.save()
    if run.clip:
        canvas.clipRect(skia.Rect.MakeWH(run.width, run.height))
    for shadow in reversed(run.shadows):
        canvas.saveLayer(None, skia.Paint(ImageFilter=_shadow(shadow)))
        _glyphs(canvas, run)
        canvas.restore()
    _glyphs(canvas, run)
    canvas.restore()


def _paint_plate(canvas: Any, plate: Plate) -> None:
    made = skia.Paint(AntiAlias=True, Color4f=_colour(parse_colour(plate.colour)))
    box = skia.Rect.MakeXYWH(plate.x, plate.y, plate.width, plate.height)
    canvas.drawRoundRect(box, plate.radius, plate.radius, made)


def _shadow(shadow: RunShadow) -> Any:
    colour = _colour(shadow.colour).toColor()
    return skia.ImageFilters.DropShadowOnly(shadow.x, shadow.y, shadow.sigma, shadow.sigma, colour)


def _glyphs(canvas: Any, run: TextRun) -> None:
    if run.stroke_colour is not None and run.stroke_width > 0:
        stroke = skia.Paint(
            AntiAlias=True,
            Style=skia.Paint.kStroke_Style,
            StrokeWidth=run.stroke_width * 2,
            StrokeJoin=skia.Paint.kRound_Join,
            Color4f=_colour(parse_colour(run.stroke_colour)),
        )
        _lines(canvas, run, stroke)
    _lines(canvas, run, skia.Paint(AntiAlias=True, Color4f=_colour(parse_colour(run.colour))))


def _lines(canvas: Any, run: TextRun, made: Any) -> None:
    face = TextFace(
        registry().by_alias(run.faces[0]), run.faces, run.size, run.letter_spacing, run.rtl
    )
    for line in run.lines:
        if line.text:
            built = paragraph(face, line.text, made, run.decoration)
            built.paint(canvas, line.x, line.baseline - built.AlphabeticBaseline)


# Shapes ------------------------------------------------------------------------------------------


def _outline(item: ShapeItem) -> Any:
    box = skia.Rect.MakeWH(item.width, item.height)
    path = skia.PathBuilder() if hasattr(skia, "PathBuilder") else skia.Path()
    match item.shape:
        case "rectangle":
            radius = min(item.border_radius, item.width / 2, item.height / 2)
            path.addRRect(skia.RRect.MakeRectXY(box, radius, radius))
        case "circle":
            path.addOval(box)
        case "triangle":
            path.moveTo(item.width / 2, 0)
            path.lineTo(item.width, item.height)
            path.lineTo(0, item.height)
            path.close()
        case "line":
            thick = min(item.height, item.stroke_width or item.height)
            top = (item.height - thick) / 2
            path.addRect(skia.Rect.MakeXYWH(0, top, item.width, thick))
    return path.detach() if hasattr(path, "detach") else path


def paint_shape(canvas: Any, item: ShapeItem) -> None:
    """The shape at the origin; its stroke lies inside the outline."""
    path = _outline(item)
    if item.shape == "line":
        fill = item.stroke or item.fill
        canvas.drawPath(path, fill_paint(fill, item.width, item.height))
        return
    canvas.drawPath(path, fill_paint(item.fill, item.width, item.height))
    if item.stroke is None or item.stroke_width <= 0:
        return
    stroke = skia.Paint(
        AntiAlias=True,
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=item.stroke_width * 2,
        Color4f=_colour(parse_colour(item.stroke)),
    )
    canvas.save()
    canvas.clipPath(path, skia.ClipOp.kIntersect, True)
    canvas.drawPath(path, stroke)
    canvas.restore()


# Pictures ----------------------------------------------------------------------------------------


def source_rect(
    item: PictureItem, width: float, height: float
) -> tuple[float, float, float, float]:
    """The part (x, y, width, height) of a `width` × `height` picture that fills the item's box.

    For `contain` and `fill` it is the whole crop. Cover keeps the focus box's centre in view.
    """
    crop = item.crop
    x, y, w, h = (
        (0.0, 0.0, width, height)
        if crop is None
        else (crop.x * width, crop.y * height, crop.width * width, crop.height * height)
    )
    w, h = min(w, width - x), min(h, height - y)
    if item.fit != "cover" or not (item.width and item.height and w and h):
        return x, y, w, h
    scale = max(item.width / w, item.height / h)
    kept_w, kept_h = item.width / scale, item.height / scale
    middle_x, middle_y = x + w / 2, y + h / 2
    if item.focus is not None and crop is None:
        middle_x = (item.focus.x + item.focus.width / 2) * width
        middle_y = (item.focus.y + item.focus.height / 2) * height
    left = min(max(middle_x - kept_w / 2, x), x + w - kept_w)
    top = min(max(middle_y - kept_h / 2, y), y + h - kept_h)
    return left, top, kept_w, kept_h


def target_rect(item: PictureItem, width: float, height: float) -> tuple[float, ...]:
    """Where in the box (from its top-left) a source part of that size is painted."""
    if item.fit != "contain" or not (width and height):
        return 0.0, 0.0, item.width, item.height
    scale = min(item.width / width, item.height / height)
    w, h = width * scale, height * scale
    return (item.width - w) / 2, (item.height - h) / 2, w, h


def paint_picture(canvas: Any, item: PictureItem, image: Any) -> None:
    """The picture in its box at the origin: cropped, fitted, rounded, flipped, filtered."""
    x, y, w, h = source_rect(item, image.width(), image.height())
    left, top, width, height = target_rect(item, w, h)
    box = skia.Rect.MakeXYWH(left, top, width, height)
    canvas.save()
    _clip(canvas, item, box)
    if item.flip_x or item.flip_y:
        canvas.translate(item.width / 2, item.height / 2)
        canvas.scale(-1 if item.flip_x else 1, -1 if item.flip_y else 1)
        canvas.translate(-item.width / 2, -item.height / 2)
    made = skia.Paint(AntiAlias=True)
    if filters := _filter(item):
        made.setImageFilter(filters)
    sampling = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
    if width >= w:
        sampling = skia.SamplingOptions(skia.CubicResampler.Mitchell())
    source = skia.Rect.MakeXYWH(x, y, w, h)
    canvas.drawImageRect(
        image, source, box, sampling, made, skia.Canvas.SrcRectConstraint.kStrict_SrcRectConstraint
    )
    canvas.restore()


def _clip(canvas: Any, item: PictureItem, box: Any) -> None:
    if item.corner_radius > 0:
        radius = min(item.corner_radius, box.width() / 2, box.height() / 2)
        canvas.clipRRect(skia.RRect.MakeRectXY(box, radius, radius), skia.ClipOp.kIntersect, True)
    elif blur_sigma(item.filters):
        canvas.clipRect(box, skia.ClipOp.kIntersect, True)


def _filter(item: PictureItem) -> Any:
    made: Any = None
    for matrix in colour_matrices(item.filters):
        values = [value for row in matrix for value in (*row[:3], 0.0, row[3])]
        colour = skia.ColorFilters.Matrix([*values, 0, 0, 0, 1, 0])
        made = skia.ImageFilters.ColorFilter(colour, made)
    if sigma := blur_sigma(item.filters):
        made = skia.ImageFilters.Blur(sigma, sigma, skia.TileMode.kClamp, made)
    return made


# Surfaces ----------------------------------------------------------------------------------------


def raster(width: int, height: int, painter: Callable[[Any], None]) -> Pixels:
    """Straight-alpha RGBA pixels (height, width, 4) of what the painter draws, in sRGB."""
    info = skia.ImageInfo.Make(
        width,
        height,
        skia.ColorType.kRGBA_8888_ColorType,
        skia.AlphaType.kPremul_AlphaType,
        skia.ColorSpace.MakeSRGB(),
    )
    surface = skia.Surface.MakeRaster(info)
    with surface as canvas:
        painter(canvas)
    pixels: Pixels = numpy.empty((height, width, 4), dtype=numpy.uint8)
    straight = info.makeAlphaType(skia.AlphaType.kUnpremul_AlphaType)
    surface.readPixels(straight, pixels, width * 4, 0, 0)
    return pixels
