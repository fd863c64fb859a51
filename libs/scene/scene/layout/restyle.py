"""Taking an element to another canvas: its new place, and every other pixel value in proportion.

On texts pixel values follow the font, elsewhere the square root of the canvas areas' ratio.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

from scene.layout.types import Element, Frame, Geometry, rounded
from scene.layout.words import font_size

_PIXELS = re.compile(r"-?\d*\.?\d+px|(?<![\w.#(,%])-?\d*\.?\d+(?=\s|$)(?!%)")


def restyled(element: Element, geometry: Geometry, source: Frame, target: Frame) -> dict[str, Any]:
    """The element as it stands on the target canvas; the input is not changed."""
    scale = math.sqrt(target.area / source.area)
    given: Mapping[str, Any] = element.get("properties") or {}
    properties = dict(given)
    if text := given.get("text"):
        font = geometry.font_size or font_size(text)
        scale = font / font_size(text)
        properties["text"] = _text(text, font, scale)
    if shape := given.get("shape"):
        properties["shape"] = _scaled(shape, ("strokeWidth", "borderRadius"), scale)
    if media := given.get("media"):
        properties["media"] = _media(media, geometry, scale)
    if animations := given.get("animations"):
        properties["animations"] = [_animation(animation, scale) for animation in animations]
    box = {"x": geometry.x, "y": geometry.y, "width": geometry.width, "height": geometry.height}
    return {**element, **box, "properties": properties}


def _scaled(values: Mapping[str, Any], names: tuple[str, ...], scale: float) -> dict[str, Any]:
    changed = {name: rounded(float(values[name]) * scale) for name in names if values.get(name)}
    return {**values, **changed}


def _text(text: Mapping[str, Any], font: float, scale: float) -> dict[str, Any]:
    new = {**_scaled(text, ("letterSpacing", "strokeWidth"), scale), "fontSize": rounded(font)}
    if text.get("padding"):
        new["padding"] = _scaled(text["padding"], ("left", "top", "right", "bottom"), scale)
    if text.get("background"):
        names = ("paddingX", "paddingY", "offsetX", "offsetY")
        new["background"] = _scaled(text["background"], names, scale)
    if text.get("textShadow"):
        new["textShadow"] = _shadow(str(text["textShadow"]), scale)
    return new


def _shadow(shadow: str, scale: float) -> str:
    def scaled(found: re.Match[str]) -> str:
        return f"{rounded(float(found.group().removesuffix('px')) * scale):g}px"

    return _PIXELS.sub(scaled, shadow)


def _media(media: Mapping[str, Any], geometry: Geometry, scale: float) -> dict[str, Any]:
    new = _scaled(media, ("cornerRadius",), scale)
    if crop := geometry.crop:
        values = {"x": crop.x, "y": crop.y, "width": crop.width, "height": crop.height}
        new["cropData"] = {name: rounded(value, 6) for name, value in values.items()}
    if media.get("filters"):
        new["filters"] = [
            _scaled(each, ("value",), scale) if each.get("type") == "blur" else each
            for each in media["filters"]
        ]
    return new


def _animation(animation: Mapping[str, Any], scale: float) -> dict[str, Any]:
    given: Mapping[str, Any] = animation.get("properties") or {}
    return {**animation, "properties": _scaled(given, ("distance", "height"), scale)}
