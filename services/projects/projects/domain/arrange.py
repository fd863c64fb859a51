"""Places on canvases: whole layouts and the way one edit travels. The engine is `scene.layout`."""

from collections.abc import Mapping, Sequence
from typing import Any

from projects.domain.catalogue_facts import FormatFacts
from projects.domain.json_values import JsonObject, put_all
from projects.domain.state import Box
from scene.elements import TextProperties
from scene.layout import ENGINE_VERSION, Analysis, Frame, Geometry, analyse, relayout
from scene.text import measure

ENGINE = str(ENGINE_VERSION)


def frame_of(social_format: FormatFacts) -> Frame:
    return Frame.of(social_format.width, social_format.height, list(social_format.safe_zones))


def measured(text: Mapping[str, Any], size: float, max_width: float) -> tuple[float, float, int]:
    """Width and height of the lines without padding, and their number, at a font size in px.

    Letter spacing belongs to the text's own font size and scales with `size`.
    """
    own = float(text.get("fontSize") or 48)
    spacing = float(text.get("letterSpacing") or 0) * size / own
    bare = {name: v for name, v in text.items() if name not in ("padding", "background")}
    found = measure(
        TextProperties.model_validate({**bare, "fontSize": size, "letterSpacing": spacing}),
        max_width,
    )
    return found.width, found.height, len(found.lines)


class Layout:
    """One canvas's elements, read once and laid out on any number of formats."""

    def __init__(self, source: Frame, elements: Sequence[JsonObject]) -> None:
        self._source, self._elements = source, elements
        self._analysis: Analysis = analyse(source, elements, measured)

    def on(self, target: Frame) -> dict[str, Box]:
        """The place of every element there, by element id."""
        places = relayout(
            self._source, self._elements, target, measure=measured, analysis=self._analysis
        )
        return {name: _box(geometry) for name, geometry in places.items()}


def _box(geometry: Geometry) -> Box:
    crop = geometry.crop
    return Box(
        x=geometry.x,
        y=geometry.y,
        width=geometry.width,
        height=geometry.height,
        font_size=geometry.font_size,
        crop=None
        if crop is None
        else {"x": crop.x, "y": crop.y, "width": crop.width, "height": crop.height},
    )


def with_box(values: JsonObject, box: Box) -> JsonObject:
    """An element's values at another place."""
    return put_all(values, box.paths())
