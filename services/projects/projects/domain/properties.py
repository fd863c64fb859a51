"""Which property follows its group how: copied, scaled with the layout, or derived by it (D8)."""

from collections.abc import Mapping
from typing import Any, cast

from projects.domain.json_values import JsonObject
from projects.domain.numbers import rounded
from scene.shadows import scale_shadows

FONT_SIZE = "properties.text.fontSize"
CROP = "properties.media.cropData"
SOURCE = "properties.media.src"
BOX = ("x", "y", "width", "height")
GEOMETRY = frozenset({*BOX, FONT_SIZE, CROP})
TIMING = frozenset({"trackIndex", "startTime", "duration"})
CONTENT = "properties.text.content"

OWN = frozenset({"id", "canvasId", "syncGroup", "isSynced"})
"""What names an element's place and group: set by commands, never by a patch."""

LENGTHS = frozenset(
    {
        *(f"properties.text.padding.{side}" for side in ("top", "right", "bottom", "left")),
        *(f"properties.text.background.{name}" for name in ("paddingX", "paddingY")),
        *(f"properties.text.background.{name}" for name in ("offsetX", "offsetY")),
        "properties.text.letterSpacing",
        "properties.text.strokeWidth",
        "properties.text.autoFit.min",
        "properties.text.autoFit.max",
        "properties.media.cornerRadius",
        "properties.shape.strokeWidth",
        "properties.shape.borderRadius",
    }
)
"""Plain pixel lengths; shadows, blurs and animation distances are scaled inside their values."""

_SHADOW = "properties.text.textShadow"
_FILTERS = "properties.media.filters"
_ANIMATIONS = "properties.animations"

DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "text": {
        "fontSize": 48,
        "fontFamily": "Inter",
        "fontWeight": "400",
        "color": "#000000",
        "textAlign": "left",
        "lineHeight": 1.2,
        "letterSpacing": 0,
    },
    "shape": {"shapeType": "rectangle", "fill": "#000000"},
}
"""Members the seed has in every text and shape, where a client left them out."""


_PAINT = frozenset(
    {"color", "textShadow", "strokeColor", "strokeWidth", "textDecoration", "textAlign"}
)


def changes_extent(path: str) -> bool:
    """Whether a text may need another box after a change of this path."""
    prefix, _, name = path.rpartition(".")
    return prefix.startswith("properties.text") and name not in _PAINT


def is_scaled(path: str) -> bool:
    """Whether a value of this path changes with the size of the layout."""
    return path in LENGTHS or path in (_SHADOW, _FILTERS, _ANIMATIONS)


def scaled(path: str, value: Any, factor: float) -> Any:
    """`value` of `path` on a canvas whose lengths are `factor` times the base's."""
    if value is None or factor == 1 or not is_scaled(path):
        return value
    if path in LENGTHS:
        return rounded(float(value) * factor)
    if path == _SHADOW:
        return scale_shadows(str(value), factor)
    items = cast("list[JsonObject]", value)
    return [_scaled_item(item, factor) for item in items]


def _scaled_item(item: JsonObject, factor: float) -> JsonObject:
    if item.get("type") == "blur":
        return {**item, "value": rounded(float(item["value"]) * factor)}
    inner = item.get("properties")
    if not isinstance(inner, dict):
        return item
    lengths = {
        name: rounded(float(number) * factor)
        for name, number in cast(JsonObject, inner).items()
        if name in ("distance", "height") and number is not None
    }
    return {**item, "properties": {**cast(JsonObject, inner), **lengths}}


def with_defaults(properties: Mapping[str, Any]) -> JsonObject:
    """Properties of a new element with the seed's own members filled in."""
    filled = dict(properties)
    for kind, defaults in DEFAULTS.items():
        given = filled.get(kind)
        if isinstance(given, dict):
            filled[kind] = {**defaults, **cast(JsonObject, given)}
    return filled
