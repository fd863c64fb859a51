"""Video elements placed: what is cut from the clip, where it lies, how its opacity runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy
from numpy.typing import NDArray

from render.renderer.media import Clip
from render.renderer.plan import ClipLayer, Plan
from scene.animation import Motion, motion_at
from scene.display import box_of
from scene.draw import raster, source_rect, target_rect
from scene.untyped import skia

Mask = NDArray[numpy.uint8]


@dataclass(frozen=True)
class PlacedClip:
    """`crop` (x, y, width, height) in the clip's pixels; the rest in output pixels at rest."""

    layer: ClipLayer
    clip: Clip
    crop: tuple[int, int, int, int]
    x: float
    y: float
    width: int
    height: int
    opacities: tuple[float, ...]
    """The element's opacity at each frame of the layer."""
    motions: tuple[Motion, ...]

    @property
    def has_mask(self) -> bool:
        """Whether it is anything but opaque and square-cornered at all times."""
        return self.layer.item.corner_radius > 0 or min(self.opacities) < 1

    @property
    def mask_moves(self) -> bool:
        return len(set(self.opacities)) > 1

    @property
    def rotations(self) -> list[float]:
        """Degrees clockwise at each frame."""
        return [self.layer.element.rotation + motion.rotation for motion in self.motions]


def place_clip(plan: Plan, layer: ClipLayer, clip: Clip) -> PlacedClip:
    """Works out crop and place once the clip's size is known."""
    item, view = layer.item, plan.viewport
    x, y, w, h = source_rect(item, clip.width, clip.height)
    left, top, width, height = target_rect(item, w, h)
    canvas = (float(plan.document.canvas.width), float(plan.document.canvas.height))
    box = box_of(plan.document, layer.element)
    motions = tuple(
        motion_at(layer.element, float(n / plan.rate), box, canvas)
        for n in range(layer.first, layer.last)
    )
    return PlacedClip(
        layer=layer,
        clip=clip,
        crop=_whole(x, y, w, h, clip),
        x=(item.x + left) * view.scale + view.dx,
        y=(item.y + top) * view.scale + view.dy,
        width=max(2, round(width * view.scale / 2) * 2),
        height=max(2, round(height * view.scale / 2) * 2),
        opacities=tuple(round(layer.element.opacity * m.opacity, 4) for m in motions),
        motions=motions,
    )


def _whole(x: float, y: float, w: float, h: float, clip: Clip) -> tuple[int, int, int, int]:
    """Even pixels, since chroma comes in pairs; never more than the picture has."""
    width = min(clip.width, max(2, round(w / 2) * 2))
    height = min(clip.height, max(2, round(h / 2) * 2))
    left = min(max(0, round(x / 2) * 2), clip.width - width)
    top = min(max(0, round(y / 2) * 2), clip.height - height)
    return left, top, width, height


def mask_frames(plan: Plan, placed: PlacedClip) -> Iterator[bytes]:
    """The clip's opacity as grey pictures: one if it never changes, else one a frame."""
    shape = _mask_shape(plan, placed)
    opacities = placed.opacities if placed.mask_moves else placed.opacities[:1]
    for opacity in opacities:
        levels = (numpy.arange(256) * opacity + 0.5).astype(numpy.uint8)
        yield levels[shape].tobytes()


def _mask_shape(plan: Plan, placed: PlacedClip) -> Mask:
    width, height = placed.width, placed.height
    radius = min(placed.layer.item.corner_radius * plan.viewport.scale, width / 2, height / 2)

    def painter(canvas: Any) -> None:
        white = skia.Paint(AntiAlias=True, Color=skia.ColorWHITE)
        canvas.drawRoundRect(skia.Rect.MakeWH(width, height), radius, radius, white)

    return raster(width, height, painter)[..., 3].copy()
