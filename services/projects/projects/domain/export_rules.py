"""What an export may ask of its canvas's format (B10), beyond what the canvas itself shows."""

from collections.abc import Mapping
from typing import Any

from projects.domain.catalogue_facts import FormatFacts
from projects.domain.json_values import JsonObject
from projects.domain.refusals import invalid

_RATIO_SLACK = 0.01


def settled(settings: Mapping[str, Any], social_format: FormatFacts) -> JsonObject:
    """The settings with this canvas's own size where none was asked for. Raises Invalid."""
    size = settings.get("resolution")
    whole = {name: value for name, value in settings.items() if value is not None}
    if size is None:
        own = {"width": social_format.width, "height": social_format.height}
        return {**whole, "resolution": own}
    asked = size["width"] / size["height"]
    own_ratio = social_format.width / social_format.height
    if abs(asked / own_ratio - 1) > _RATIO_SLACK:
        raise invalid(
            "/settings/resolution",
            "aspect_ratio",
            f"{social_format.name} is {social_format.aspect_ratio}; "
            f"{size['width']}×{size['height']} has another shape.",
        )
    return whole
