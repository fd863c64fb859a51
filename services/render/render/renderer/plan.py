"""The render plan: what is drawn once, what moves, which clips play, what is heard. Pure.

Times are frame numbers [first, last) of the output; boxes are whole output pixels.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from render.renderer.options import ExportSettings
from render.renderer.watermark import with_watermark
from scene.animation import animated_windows
from scene.bounds import Bounds, painted_bounds
from scene.display import (
    Item,
    PictureItem,
    drawn_elements,
    item_of,
)
from scene.document import Document
from scene.elements import Element

# Neighbours become one layer when the box around both is not much larger than they are.
_MERGE_GROWTH = 1.25


@dataclass(frozen=True)
class Viewport:
    """Canvas to output: times `scale`, then moved by (`dx`, `dy`) pixels."""

    width: int
    height: int
    scale: float
    dx: float
    dy: float


@dataclass(frozen=True)
class PixelBox:
    """Even-aligned output pixels, inside the picture."""

    x: int
    y: int
    width: int
    height: int

    @property
    def area(self) -> int:
        return self.width * self.height


@dataclass(frozen=True)
class StillLayer:
    """Items painted once and shown over [first, last)."""

    items: tuple[Item, ...]
    box: PixelBox
    first: int
    last: int


@dataclass(frozen=True)
class MovingLayer:
    """One element painted anew for every frame of [first, last)."""

    element: Element
    box: PixelBox
    first: int
    last: int
    turns: bool
    """Whether it scales or rotates: then its outlines are drawn anew, not moved as pixels."""


@dataclass(frozen=True)
class ClipLayer:
    """A video element over [first, last)."""

    element: Element
    item: PictureItem
    media_id: str
    first: int
    last: int


@dataclass(frozen=True)
class Sound:
    """The sound of a clip or audio element; times in seconds of the output."""

    media_id: str
    start: float
    duration: float
    offset: float
    rate: float
    volume: float
    fade_in: float
    fade_out: float
    loop: bool


Layer = StillLayer | MovingLayer | ClipLayer


@dataclass(frozen=True)
class Plan:
    """`layers` in paint order above the base, which is painted once and lies under all."""

    document: Document
    settings: ExportSettings
    viewport: Viewport
    rate: Fraction
    frames: int
    base: tuple[Item, ...]
    layers: tuple[Layer, ...]
    sounds: tuple[Sound, ...]

    @property
    def duration(self) -> float:
        return float(self.frames / self.rate)


def viewport_of(document: Document, settings: ExportSettings) -> Viewport:
    """The canvas fitted into the file's picture, centred; other shapes get background around."""
    width, height = settings.size(document)
    scale = min(width / document.canvas.width, height / document.canvas.height)
    dx = (width - document.canvas.width * scale) / 2
    dy = (height - document.canvas.height * scale) / 2
    if abs(dx) < 1 and abs(dy) < 1:
        dx = dy = 0.0
        scale = max(width / document.canvas.width, height / document.canvas.height)
    return Viewport(width, height, scale, dx, dy)


def make_plan(document: Document, settings: ExportSettings) -> Plan:
    """Decides everything about a video before anything is drawn."""
    document = with_watermark(document, settings)
    rate = settings.rate()
    frames = max(1, round(document.duration * rate))
    viewport = viewport_of(document, settings)
    planner = _Planner(document, viewport, rate, frames)
    base, layers = planner.layers()
    return Plan(
        document=document,
        settings=settings,
        viewport=viewport,
        rate=rate,
        frames=frames,
        base=base,
        layers=layers,
        sounds=sounds_of(document) if settings.include_audio else (),
    )


class _Planner:
    def __init__(self, document: Document, viewport: Viewport, rate: Fraction, frames: int) -> None:
        self.document, self.viewport = document, viewport
        self.rate, self.frames = rate, frames

    def layers(self) -> tuple[tuple[Item, ...], tuple[Layer, ...]]:
        whole = PixelBox(0, 0, self.viewport.width, self.viewport.height)
        found: list[Layer] = [StillLayer((), whole, 0, self.frames)]
        for element in drawn_elements(self.document):
            found += self._of(element)
        merged = _merge(found)
        base = merged[0]
        items = base.items if isinstance(base, StillLayer) else ()
        return items, tuple(merged[1:])

    def _of(self, element: Element) -> Sequence[Layer]:
        first = max(0, round(element.start_time * self.rate))
        last = min(self.frames, round(element.end * self.rate))
        if first >= last:
            return ()
        if element.type == "video":
            return self._clip(element, first, last)
        layers: list[Layer] = []
        at = first
        for start, end in self._windows(element, first, last):
            layers += self._still(element, at, start)
            layers += self._moving(element, start, end)
            at = end
        return [*layers, *self._still(element, at, last)]

    def _windows(self, element: Element, first: int, last: int) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for start, end in animated_windows(element):
            begin = min(last, max(first, math.floor(start * self.rate)))
            stop = min(last, max(first, math.ceil(end * self.rate)))
            if found and begin < found[-1][1]:
                begin = found[-1][1]
            if begin < stop:
                found.append((begin, stop))
        return found

    def _at(self, element: Element, frame: int) -> Item:
        return item_of(self.document, element, float(frame / self.rate))

    def _still(self, element: Element, first: int, last: int) -> Sequence[Layer]:
        if first >= last:
            return ()
        item = self._at(element, first)
        box = self.pixel_box(painted_bounds(item))
        if item.opacity <= 0 or box is None:
            return ()
        return (StillLayer((item,), box, first, last),)

    def _moving(self, element: Element, first: int, last: int) -> Sequence[Layer]:
        items = [self._at(element, frame) for frame in range(first, last)]
        seen = [painted_bounds(item) for item in items if item.opacity > 0 and item.scale > 0]
        box = self.pixel_box(Bounds.around(seen)) if seen else None
        if box is None:
            return ()
        turns = len({(item.rotation, item.scale) for item in items}) > 1
        return (MovingLayer(element, box, first, last, turns),)

    def _clip(self, element: Element, first: int, last: int) -> Sequence[Layer]:
        media = element.properties.media
        item = item_of(self.document, element, None)
        if media is None or not isinstance(item, PictureItem):
            return ()
        media_id = media.src.removeprefix("media:")
        return (ClipLayer(element, item, media_id, first, last),)

    def pixel_box(self, bounds: Bounds) -> PixelBox | None:
        """The bounds in even output pixels, one to spare; None when outside the picture."""
        view = self.viewport
        left = math.floor(bounds.left * view.scale + view.dx - 1) & ~1
        top = math.floor(bounds.top * view.scale + view.dy - 1) & ~1
        right = (math.ceil(bounds.right * view.scale + view.dx + 1) + 1) & ~1
        bottom = (math.ceil(bounds.bottom * view.scale + view.dy + 1) + 1) & ~1
        left, top = max(0, left), max(0, top)
        right, bottom = min(view.width, right), min(view.height, bottom)
        if left >= right or top >= bottom:
            return None
        return PixelBox(left, top, right - left, bottom - top)


def _merge(layers: Sequence[Layer]) -> list[Layer]:
    merged: list[Layer] = []
    for layer in layers:
        below = merged[-1] if merged else None
        joined = (
            _joined(below, layer)
            if isinstance(below, StillLayer) and isinstance(layer, StillLayer)
            else None
        )
        if joined is None:
            merged.append(layer)
        else:
            merged[-1] = joined
    return merged


def _joined(below: StillLayer, above: StillLayer) -> StillLayer | None:
    if (below.first, below.last) != (above.first, above.last):
        return None
    left, top = min(below.box.x, above.box.x), min(below.box.y, above.box.y)
    right = max(below.box.x + below.box.width, above.box.x + above.box.width)
    bottom = max(below.box.y + below.box.height, above.box.y + above.box.height)
    box = PixelBox(left, top, right - left, bottom - top)
    if box.area > _MERGE_GROWTH * (below.box.area + above.box.area):
        return None
    return StillLayer(below.items + above.items, box, below.first, below.last)


def sounds_of(document: Document) -> tuple[Sound, ...]:
    """Everything heard: audio elements and clips with a sound track; tracks and mutes applied."""
    solo = {track.index for track in document.tracks if track.solo}
    muted = {track.index for track in document.tracks if track.muted}
    volumes = {track.index: track.volume for track in document.tracks}
    found: list[Sound] = []
    for element in document.elements:
        silent = element.track_index in muted or (solo and element.track_index not in solo)
        if silent or element.is_hidden or element.type not in ("video", "audio"):
            continue
        sound = _sound(document, element, volumes.get(element.track_index, 1.0))
        if sound is not None:
            found.append(sound)
    return tuple(found)


def _sound(document: Document, element: Element, track_volume: float) -> Sound | None:
    media = element.properties.media
    if media is None or media.muted or not media.src.startswith("media:"):
        return None
    media_id = media.src.removeprefix("media:")
    asset = document.assets.get(media_id)
    volume = media.volume * track_volume
    duration = min(element.end, document.duration) - element.start_time
    heard = element.type == "audio" or (asset is not None and asset.has_audio)
    if not heard or volume <= 0 or duration <= 0:
        return None
    return Sound(
        media_id=media_id,
        start=element.start_time,
        duration=duration,
        offset=media.start_offset,
        rate=media.playback_rate,
        volume=volume,
        fade_in=media.fade_in,
        fade_out=media.fade_out,
        loop=media.loop,
    )
