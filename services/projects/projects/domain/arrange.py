"""Places on canvases: whole layouts and the way one edit travels. The engine is `scene.layout`."""

from collections.abc import Sequence

from projects.domain.catalogue_facts import FormatFacts
from projects.domain.json_values import JsonObject, put_all
from projects.domain.state import Box
from scene.layout import ENGINE_VERSION, Analysis, Frame, Geometry, analyse, relayout
from scene.layout.shaping import shaped

ENGINE = str(ENGINE_VERSION)


def frame_of(social_format: FormatFacts) -> Frame:
    return Frame.of(social_format.width, social_format.height, list(social_format.safe_zones))


class Layout:
    """One canvas's elements, read once and laid out on any number of formats."""

    def __init__(self, source: Frame, elements: Sequence[JsonObject]) -> None:
        self._source, self._elements = source, elements
        self._analysis: Analysis = analyse(source, elements, shaped)

    def on(self, target: Frame) -> dict[str, Box]:
        """The place of every element there, by element id."""
        places = relayout(
            self._source, self._elements, target, measure=shaped, analysis=self._analysis
        )
        return {name: box_of(geometry) for name, geometry in places.items()}


def box_of(geometry: Geometry) -> Box:
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
