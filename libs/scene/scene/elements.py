"""What an element of a canvas may say: typed properties in the seed's camelCase names.

Units: canvas pixels, seconds from the timeline's start, degrees clockwise about the centre,
opacity 0–1, crop and focus as shares 0–1 of the natural picture. Unknown members of `properties`
are refused; unknown members of the element itself (audit columns) are carried by others and
ignored here.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from scene.colour import parse_colour, parse_fill
from scene.easing import easing
from scene.shadows import parse_shadows

ElementType = Literal[
    "text",
    "image",
    "video",
    "audio",
    "shape",
    "ai-text",
    "ai-image",
    "background",
    "sticker",
    "transition",
]
SOURCE = re.compile(
    r"media:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|pack:[a-z0-9][a-z0-9._-]*"
)


def _colour(value: str) -> str:
    parse_colour(value)
    return value


def _fill(value: str) -> str:
    parse_fill(value)
    return value


def _easing(value: str) -> str:
    easing(value)
    return value


def _shadow(value: str) -> str:
    parse_shadows(value)
    return value


def _source(value: str) -> str:
    if not SOURCE.fullmatch(value):
        raise ValueError("a source is media:<uuid> or pack:<name>")
    return value


Colour = Annotated[str, Field(max_length=64), AfterValidator(_colour)]
FillText = Annotated[str, Field(max_length=600), AfterValidator(_fill)]
EasingName = Annotated[str, Field(max_length=100), AfterValidator(_easing)]
ShadowText = Annotated[str, Field(max_length=600), AfterValidator(_shadow)]
Source = Annotated[str, AfterValidator(_source)]
Share = Annotated[float, Field(ge=0, le=1)]
Pixels = Annotated[float, Field(ge=0, le=20_000)]
Offset = Annotated[float, Field(ge=-100_000, le=100_000)]
Seconds = Annotated[float, Field(ge=0, le=86_400)]


class Properties(BaseModel):
    """Frozen, camelCase, nothing unknown, no NaN or infinity."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        allow_inf_nan=False,
    )


class Edges(Properties):
    """Inner distances in canvas pixels."""

    top: Pixels = 0
    right: Pixels = 0
    bottom: Pixels = 0
    left: Pixels = 0


class TextBackground(Properties):
    """A box behind the text, or behind each line. `corner_radius` in percent of half its height."""

    enabled: bool = True
    color: Colour = "#000000"
    corner_radius: Annotated[float, Field(ge=0, le=100)] = 0
    padding_x: Pixels = 0
    padding_y: Pixels = 0
    offset_x: Offset = 0
    offset_y: Offset = 0
    per_line: bool = False


class AutoFit(Properties):
    """`shrink` makes the font smaller until it fits the box, `fit` also larger."""

    mode: Literal["none", "shrink", "fit"] = "none"
    min: Annotated[float, Field(gt=0, le=4000)] = 8
    max: Annotated[float, Field(gt=0, le=4000)] | None = None


class TextProperties(Properties):
    """J15 and what grew around it. `line_height` is a multiple of the font size."""

    content: Annotated[str, Field(max_length=10_000)]
    font_size: Annotated[float, Field(gt=0, le=4000)] = 48
    font_family: Annotated[str, Field(min_length=1, max_length=100)] = "Inter"
    font_weight: Literal[
        "normal", "bold", "100", "200", "300", "400", "500", "600", "700", "800", "900"
    ] = "400"
    color: Colour = "#000000"
    text_align: Literal["left", "center", "right"] = "left"
    line_height: Annotated[float, Field(gt=0, le=10)] = 1.2
    letter_spacing: Annotated[float, Field(ge=-1000, le=1000)] = 0
    text_shadow: ShadowText | None = None
    stroke_color: Colour | None = None
    stroke_width: Pixels | None = None
    font_style: Literal["normal", "italic"] = "normal"
    text_transform: Literal["none", "uppercase", "lowercase", "capitalize"] = "none"
    text_decoration: Literal["none", "underline", "line-through"] = "none"
    vertical_align: Literal["top", "middle", "bottom"] = "middle"
    direction: Literal["auto", "ltr", "rtl"] = "auto"
    wrap: bool = True
    max_lines: Annotated[int, Field(ge=1, le=1000)] | None = None
    overflow: Literal["visible", "clip", "ellipsis"] = "visible"
    auto_fit: AutoFit | None = None
    padding: Edges | None = None
    background: TextBackground | None = None


class Crop(Properties):
    """A part of the natural picture, in shares of its sides."""

    x: Share = 0
    y: Share = 0
    width: Annotated[float, Field(gt=0, le=1)] = 1
    height: Annotated[float, Field(gt=0, le=1)] = 1


class Filter(Properties):
    """CSS filter functions. Factors for brightness, contrast, saturation; σ in pixels for blur."""

    type: Literal["brightness", "contrast", "saturation", "blur", "sepia", "grayscale"]
    value: Annotated[float, Field(ge=0, le=1000)]


class MediaProperties(Properties):
    """J16 and what grew around it: a picture, a clip or a sound."""

    src: Source
    volume: Annotated[float, Field(ge=0, le=10)] = 1
    playback_rate: Annotated[float, Field(ge=0.1, le=10)] = 1
    start_offset: Seconds = 0
    crop_data: Crop | None = None
    filters: Annotated[tuple[Filter, ...], Field(max_length=20)] = ()
    fit: Literal["cover", "contain", "fill"] = "cover"
    corner_radius: Pixels = 0
    flip_x: bool = False
    flip_y: bool = False
    muted: bool = False
    loop: bool = False
    fade_in: Seconds = 0
    fade_out: Seconds = 0
    focus: Crop | None = None
    natural_width: Pixels | None = None
    natural_height: Pixels | None = None
    alt: Annotated[str, Field(max_length=2000)] | None = None


class ShapeProperties(Properties):
    """J17. `fill` is a colour or a gradient; a line runs along the middle of its box."""

    shape_type: Literal["rectangle", "circle", "triangle", "line"] = "rectangle"
    fill: FillText = "#000000"
    stroke: Colour | None = None
    stroke_width: Pixels = 0
    border_radius: Pixels = 0


class AnimationProperties(Properties):
    """Parameters by type: from/to (fade, scale, rotate), direction/distance (slide), bounce's."""

    from_: float | None = Field(default=None, alias="from", ge=-10_000, le=10_000)
    to: Annotated[float, Field(ge=-10_000, le=10_000)] | None = None
    direction: Literal["left", "right", "up", "down"] = "left"
    distance: Pixels | None = None
    axis: Literal["x", "y"] = "y"
    height: Pixels = 40
    count: Annotated[int, Field(ge=1, le=100)] = 2


class Animation(Properties):
    """J20: one change over `duration` seconds from `start_time` after the element's start."""

    type: Literal["fadeIn", "fadeOut", "slideIn", "slideOut", "scale", "rotate", "bounce"]
    start_time: Seconds = 0
    duration: Annotated[float, Field(gt=0, le=86_400)]
    easing: EasingName = "linear"
    properties: AnimationProperties = AnimationProperties()


class Interactive(Properties):
    """J18: stored, not acted on."""

    clickable: bool = False
    hover_effects: bool = False
    link: Annotated[str, Field(max_length=2000, pattern=r"^https://")] | None = None


class Anchor(Properties):
    """Where the element is held when a canvas is laid out: explicit instead of inferred."""

    horizontal: Literal["left", "center", "right", "stretch"] | None = None
    vertical: Literal["top", "middle", "bottom", "stretch"] | None = None
    to: Literal["safe", "canvas"] = "safe"


class ElementProperties(Properties):
    """One of `text`, `media`, `shape` says what is drawn; the rest is optional."""

    text: TextProperties | None = None
    media: MediaProperties | None = None
    shape: ShapeProperties | None = None
    animations: Annotated[tuple[Animation, ...], Field(max_length=50)] = ()
    interactive: Interactive | None = None
    anchor: Anchor | None = None
    ext: dict[str, Any] | None = None


class Element(BaseModel):
    """One thing on one canvas."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=to_camel,
        populate_by_name=True,
        allow_inf_nan=False,
    )

    id: str
    canvas_id: str | None = None
    type: ElementType
    name: Annotated[str, Field(max_length=200)] = ""
    track_index: Annotated[int, Field(ge=0, le=10_000)] = 0
    start_time: Seconds = 0
    duration: Annotated[float, Field(gt=0, le=86_400)] = 5
    x: Offset = 0
    y: Offset = 0
    width: Pixels | None = None
    height: Pixels | None = None
    rotation: Annotated[float, Field(ge=-9999.99, le=9999.99)] = 0
    opacity: Share = 1
    properties: ElementProperties = ElementProperties()
    z_index: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] = 1
    is_synced: bool = False
    sync_group: str | None = None
    is_locked: bool = False
    is_hidden: bool = False
    ai_generated: bool = False
    ai_generation_id: str | None = None
    ai_provider: str | None = None

    @property
    def end(self) -> float:
        """Seconds at which it is gone."""
        return self.start_time + self.duration


NEEDS: Mapping[str, tuple[str, ...]] = {
    "text": ("text",),
    "ai-text": ("text",),
    "image": ("media",),
    "ai-image": ("media",),
    "video": ("media",),
    "audio": ("media",),
    "sticker": ("media",),
    "shape": ("shape",),
    "background": ("shape", "media"),
    "transition": (),
}
