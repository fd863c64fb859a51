"""The display list: everything needed to draw one frame, as versioned JSON.

`compile` does all deciding (order, visibility, text lines, animation); `scene.draw` only paints.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from scene.animation import REST, Box, Motion, motion_at
from scene.document import Document, paint_order
from scene.elements import Crop, Element, Filter, MediaProperties, ShapeProperties
from scene.textrun import TextRun, text_run

FORMAT = "multicanvas.display/1"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class Placed(_Part):
    """A box in canvas pixels, moved by (`dx`, `dy`), then scaled and rotated about its centre."""

    id: str
    x: float
    y: float
    width: float
    height: float
    rotation: float = 0.0
    opacity: float = 1.0
    dx: float = 0.0
    dy: float = 0.0
    scale: float = 1.0


class TextItem(Placed):
    kind: Literal["text"] = "text"
    run: TextRun


class PictureItem(Placed):
    """A still, or the clip's frame at `source_time` seconds of the clip."""

    kind: Literal["picture"] = "picture"
    source: str
    source_time: float | None = None
    fit: Literal["cover", "contain", "fill"] = "cover"
    crop: Crop | None = None
    focus: Crop | None = None
    corner_radius: float = 0.0
    flip_x: bool = False
    flip_y: bool = False
    filters: tuple[Filter, ...] = ()


class ShapeItem(Placed):
    kind: Literal["shape"] = "shape"
    shape: Literal["rectangle", "circle", "triangle", "line"]
    fill: str
    stroke: str | None = None
    stroke_width: float = 0.0
    border_radius: float = 0.0


Item = Annotated[TextItem | PictureItem | ShapeItem, Field(discriminator="kind")]


class DisplayList(_Part):
    """Items lie in paint order, the lowest first. `time` None: the resting picture."""

    format: Literal["multicanvas.display/1"] = FORMAT
    width: int
    height: int
    time: float | None
    background: str
    items: tuple[Item, ...]

    def to_json(self) -> bytes:
        return self.model_dump_json(by_alias=True, exclude_none=True).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "DisplayList":
        return cls.model_validate_json(data)


# Kinds that are heard or stored but never painted.
_UNSEEN = ("audio", "transition")


def compile(document: Document, time: float | None) -> DisplayList:  # noqa: A001 - the task's word
    """What is to be painted at `time` (seconds); None paints every element at rest.

    Hidden elements and hidden tracks are left out. Pure and deterministic.
    """
    canvas = document.canvas
    items: list[TextItem | PictureItem | ShapeItem] = []
    if canvas.config.background_image is not None:
        items.append(
            PictureItem(
                id="background",
                x=0,
                y=0,
                width=canvas.width,
                height=canvas.height,
                source=canvas.config.background_image,
            )
        )
    items.extend(
        item_of(document, element, time)
        for element in drawn_elements(document)
        if time is None or element.start_time <= time < element.end
    )
    return DisplayList(
        width=canvas.width,
        height=canvas.height,
        time=time,
        background=canvas.config.background_color,
        items=tuple(items),
    )


def drawn_elements(document: Document) -> list[Element]:
    """The elements that are ever painted, in paint order."""
    hidden = {track.index for track in document.tracks if track.hidden}
    seen: Iterable[Element] = (
        element
        for element in document.elements
        if element.type not in _UNSEEN
        and not element.is_hidden
        and element.track_index not in hidden
        and _has_content(element)
    )
    return sorted(seen, key=paint_order)


def _has_content(element: Element) -> bool:
    given = element.properties
    return any(part is not None for part in (given.text, given.media, given.shape))


def box_of(document: Document, element: Element) -> Box:
    """The element's box: a text without width or height takes what it needs."""
    canvas, given = document.canvas, element.properties
    width, height = element.width, element.height
    if given.text is not None:
        run = text_run(given.text, width, height)
        return Box(element.x, element.y, run.width, run.height)
    if element.type == "background" and (width is None or height is None):
        return Box(0.0, 0.0, float(canvas.width), float(canvas.height))
    if given.media is not None and (width is None or height is None):
        width, height = _natural_box(document, given.media, width, height)
    return Box(element.x, element.y, width or 0.0, height or 0.0)


def _natural_box(
    document: Document, media: MediaProperties, width: float | None, height: float | None
) -> tuple[float, float]:
    asset = document.assets.get(media.src.removeprefix("media:"))
    natural_width = (asset.width if asset else None) or media.natural_width or 1.0
    natural_height = (asset.height if asset else None) or media.natural_height or 1.0
    if width is not None:
        return width, width * natural_height / natural_width
    if height is not None:
        return height * natural_width / natural_height, height
    return float(natural_width), float(natural_height)


def item_of(
    document: Document, element: Element, time: float | None
) -> TextItem | PictureItem | ShapeItem:
    """One element as an item; at `time` None without animation."""
    box = box_of(document, element)
    size = (float(document.canvas.width), float(document.canvas.height))
    motion = REST if time is None else motion_at(element, time, box, size)
    given = element.properties
    if given.text is not None:
        run = text_run(given.text, element.width, element.height)
        return TextItem(**_place(element, box, motion), run=run)
    if given.media is not None:
        return _picture(element, given.media, box, motion, time)
    return _shape(element, given.shape or ShapeProperties(), box, motion)


def _place(element: Element, box: Box, motion: Motion) -> dict[str, Any]:
    return {
        "id": element.id,
        "x": round(box.x, 3),
        "y": round(box.y, 3),
        "width": round(box.width, 3),
        "height": round(box.height, 3),
        "rotation": round(element.rotation + motion.rotation, 4),
        "opacity": round(element.opacity * motion.opacity, 5),
        "dx": round(motion.dx, 4),
        "dy": round(motion.dy, 4),
        "scale": round(motion.scale, 5),
    }


def _picture(
    element: Element, media: MediaProperties, box: Box, motion: Motion, time: float | None
) -> PictureItem:
    place = _place(element, box, motion)
    return PictureItem(
        **place,
        source=media.src,
        source_time=source_time(element, media, time) if element.type == "video" else None,
        fit=media.fit,
        crop=media.crop_data,
        focus=media.focus,
        corner_radius=media.corner_radius,
        flip_x=media.flip_x,
        flip_y=media.flip_y,
        filters=media.filters,
    )


def source_time(element: Element, media: MediaProperties, time: float | None) -> float:
    """The second of the clip that is seen at `time`; its first when the list is at rest."""
    elapsed = 0.0 if time is None else time - element.start_time
    return round(media.start_offset + elapsed * media.playback_rate, 4)


def _shape(element: Element, shape: ShapeProperties, box: Box, motion: Motion) -> ShapeItem:
    place = _place(element, box, motion)
    return ShapeItem(
        **place,
        shape=shape.shape_type,
        fill=shape.fill,
        stroke=shape.stroke,
        stroke_width=shape.stroke_width,
        border_radius=shape.border_radius,
    )


def poster_time(document: Document) -> float:
    """The moment that shows most: when most elements stand still, nearest to the middle.

    Seconds; 0 for an empty document.
    """
    elements = drawn_elements(document)
    edges = sorted({0.0, document.duration, *_edges(elements, document.duration)})
    middles = [(start + end) / 2 for start, end in pairwise(edges)]
    if not middles:
        return 0.0
    half = document.duration / 2

    def worth(time: float) -> tuple[int, int, float]:
        seen = [e for e in elements if e.start_time <= time < e.end]
        still = sum(1 for e in seen if _stands_still(document, e, time))
        return still, len(seen), -abs(time - half)

    return round(max(middles, key=worth), 3)


def _edges(elements: Iterable[Element], duration: float) -> Iterable[float]:
    for element in elements:
        yield min(element.start_time, duration)
        yield min(element.end, duration)
        for animation in element.properties.animations:
            start = element.start_time + animation.start_time
            yield min(start, duration)
            yield min(start + animation.duration, duration)


def _stands_still(document: Document, element: Element, time: float) -> bool:
    size = (float(document.canvas.width), float(document.canvas.height))
    motion = motion_at(element, time, box_of(document, element), size)
    return (motion.opacity, motion.dx, motion.dy) == (1.0, 0.0, 0.0)
