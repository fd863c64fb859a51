"""Layers as raw pixels: painted once for what stands still, frame by frame for what moves."""

from collections.abc import Iterator
from typing import Any

import numpy

from render.renderer.plan import MovingLayer, PixelBox, Plan, StillLayer
from scene.bounds import painted_bounds
from scene.display import Item, item_of
from scene.draw import Pictures, Pixels, fill_paint, paint_item, raster
from scene.untyped import skia

_SUBPIXEL = 1e-3


def _onto(canvas: Any, plan: Plan, box: PixelBox) -> None:
    """From canvas pixels to this box's pixels."""
    view = plan.viewport
    canvas.translate(view.dx - box.x, view.dy - box.y)
    canvas.scale(view.scale, view.scale)


def paint_base(plan: Plan, pictures: Pictures) -> Pixels:
    """The whole picture's lowest layer, opaque."""
    view = plan.viewport
    config = plan.document.canvas.config

    def painter(canvas: Any) -> None:
        canvas.clear(skia.ColorBLACK)
        made = fill_paint(config.background_color, view.width, view.height)
        canvas.drawRect(skia.Rect.MakeWH(view.width, view.height), made)
        _onto(canvas, plan, PixelBox(0, 0, view.width, view.height))
        for item in plan.base:
            paint_item(canvas, item, pictures)

    return raster(view.width, view.height, painter)


def paint_still(plan: Plan, layer: StillLayer, pictures: Pictures) -> Pixels:
    """A still layer's box, straight alpha."""
    return bleed(_paint(plan, layer.items, layer.box, pictures))


def _paint(plan: Plan, items: tuple[Item, ...], box: PixelBox, pictures: Pictures) -> Pixels:
    def painter(canvas: Any) -> None:
        _onto(canvas, plan, box)
        for item in items:
            paint_item(canvas, item, pictures)

    return raster(box.width, box.height, painter)


def bleed(pixels: Pixels) -> Pixels:
    """Gives clear pixels the colour of their 2×2 block, so that halved chroma stays clean."""
    height, width = pixels.shape[:2]
    if height % 2 or width % 2:
        return pixels
    alpha = pixels[..., 3].astype(numpy.uint16)
    blocks = alpha.reshape(height // 2, 2, width // 2, 2)
    weight = blocks.sum(axis=(1, 3))
    edge = (weight > 0) & (blocks.min(axis=(1, 3)) == 0)
    if not edge.any():
        return pixels
    rows, columns = numpy.nonzero(edge)
    quads = pixels.reshape(height // 2, 2, width // 2, 2, 4)[rows, :, columns].copy()
    weights = quads[..., 3:4].astype(numpy.float32)
    mean = (quads[..., :3] * weights).sum(axis=(1, 2)) / weights.sum(axis=(1, 2))
    clear = quads[..., 3] == 0
    filled = numpy.broadcast_to(mean[:, None, None, :], quads[..., :3].shape)
    quads[..., :3] = numpy.where(
        clear[..., None], filled.round().astype(numpy.uint8), quads[..., :3]
    )
    pixels.reshape(height // 2, 2, width // 2, 2, 4)[rows, :, columns] = quads
    return pixels


def moving_frames(plan: Plan, layer: MovingLayer, pictures: Pictures) -> Iterator[bytes]:
    """One box of straight-alpha RGBA after the other, for every frame of the layer."""
    if layer.turns:
        for frame in range(layer.first, layer.last):
            item = item_of(plan.document, layer.element, float(frame / plan.rate))
            yield bleed(_paint(plan, (item,), layer.box, pictures)).tobytes()
        return
    yield from _shifted_frames(plan, layer, pictures)


def _shifted_frames(plan: Plan, layer: MovingLayer, pictures: Pictures) -> Iterator[bytes]:
    """Fades and slides: outlines are painted once, then only moved and thinned."""
    rest, box = _resting(plan, layer, pictures)
    scale = plan.viewport.scale
    for frame in range(layer.first, layer.last):
        item = item_of(plan.document, layer.element, float(frame / plan.rate))
        pixels = _moved(rest, box, layer.box, item.dx * scale, item.dy * scale)
        if item.opacity < 1:
            pixels = pixels.copy()
            levels = (numpy.arange(256) * item.opacity + 0.5).astype(numpy.uint8)
            pixels[..., 3] = levels[pixels[..., 3]]
        yield pixels.tobytes()


def _resting(plan: Plan, layer: MovingLayer, pictures: Pictures) -> tuple[Pixels, PixelBox]:
    """The element without motion and at full opacity, in its own box on the pixel grid."""
    item = item_of(plan.document, layer.element, None)
    full = item.model_copy(update={"opacity": 1.0})
    bounds, view = painted_bounds(full), plan.viewport
    left = int(numpy.floor(bounds.left * view.scale + view.dx - 1)) & ~1
    top = int(numpy.floor(bounds.top * view.scale + view.dy - 1)) & ~1
    width = int(numpy.ceil(bounds.right * view.scale + view.dx + 2)) - left
    height = int(numpy.ceil(bounds.bottom * view.scale + view.dy + 2)) - top
    box = PixelBox(left, top, width + width % 2, height + height % 2)
    return bleed(_paint(plan, (full,), box, pictures)), box


def _moved(rest: Pixels, box: PixelBox, target: PixelBox, dx: float, dy: float) -> Pixels:
    whole_x, whole_y = round(dx), round(dy)
    if abs(dx - whole_x) < _SUBPIXEL and abs(dy - whole_y) < _SUBPIXEL:
        return _pasted(rest, box.x + whole_x - target.x, box.y + whole_y - target.y, target)
    image = skia.Image.fromarray(rest, colorType=skia.ColorType.kRGBA_8888_ColorType)

    def painter(canvas: Any) -> None:
        sampling = skia.SamplingOptions(skia.FilterMode.kLinear)
        canvas.drawImage(image, box.x + dx - target.x, box.y + dy - target.y, sampling)

    return bleed(raster(target.width, target.height, painter))


def _pasted(rest: Pixels, x: int, y: int, target: PixelBox) -> Pixels:
    if (x, y) == (0, 0) and rest.shape[:2] == (target.height, target.width):
        return rest
    pixels: Pixels = numpy.zeros((target.height, target.width, 4), dtype=numpy.uint8)
    left, top = max(0, x), max(0, y)
    right = min(target.width, x + rest.shape[1])
    bottom = min(target.height, y + rest.shape[0])
    if left < right and top < bottom:
        pixels[top:bottom, left:right] = rest[top - y : bottom - y, left - x : right - x]
    return pixels
