"""The renderer's own shaping as the `measure` of a layout."""

from collections.abc import Mapping
from typing import Any

from scene.elements import TextProperties
from scene.layout.words import font_size
from scene.text import measure


def shaped(text: Mapping[str, Any], size: float, max_width: float) -> tuple[float, float, int]:
    """`Measure` over `scene.text`. Raises pydantic's ValidationError for properties it refuses."""
    spacing = float(text.get("letterSpacing") or 0.0) * size / font_size(text)
    plain = {k: v for k, v in text.items() if k not in ("padding", "background", "autoFit")}
    typed = TextProperties.model_validate({**plain, "letterSpacing": spacing})
    found = measure(typed, max(max_width, 0.0), size)
    return found.width, found.height, len(found.lines)
