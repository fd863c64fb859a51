"""Colours and gradients as the document spells them: CSS text in, numbers out."""

import math
import re
from dataclasses import dataclass

Rgba = tuple[int, int, int, float]

_NAMED: dict[str, Rgba] = {
    "transparent": (0, 0, 0, 0.0),
    "black": (0, 0, 0, 1.0),
    "white": (255, 255, 255, 1.0),
    "red": (255, 0, 0, 1.0),
    "green": (0, 128, 0, 1.0),
    "blue": (0, 0, 255, 1.0),
    "yellow": (255, 255, 0, 1.0),
    "gray": (128, 128, 128, 1.0),
    "grey": (128, 128, 128, 1.0),
    "orange": (255, 165, 0, 1.0),
}
_HEX = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})", re.IGNORECASE)
_FUNCTION = re.compile(r"rgba?\(([^()]*)\)", re.IGNORECASE)
_GRADIENT = re.compile(r"(linear|radial)-gradient\((.*)\)", re.IGNORECASE | re.DOTALL)
_SIDES = {"to top": 0.0, "to right": 90.0, "to bottom": 180.0, "to left": 270.0}


class NotAColour(ValueError):
    """The text is no colour or gradient we know."""


@dataclass(frozen=True)
class Stop:
    """A colour at a share 0–1 of the gradient's length."""

    offset: float
    colour: Rgba


@dataclass(frozen=True)
class Gradient:
    """`angle` in CSS degrees (0 points up, clockwise); radial ones ignore it."""

    kind: str
    angle: float
    stops: tuple[Stop, ...]


Fill = Rgba | Gradient


def parse_colour(text: str) -> Rgba:
    """`#rgb[a]`, `#rrggbb[aa]`, `rgb()`, `rgba()` or a basic name; raises `NotAColour`."""
    value = text.strip().lower()
    if value in _NAMED:
        return _NAMED[value]
    if _HEX.fullmatch(value):
        return _from_hex(value[1:])
    found = _FUNCTION.fullmatch(value)
    if found is None:
        raise NotAColour(f"{text!r} is not a colour")
    return _from_function(text, found.group(1))


def _from_hex(digits: str) -> Rgba:
    if len(digits) <= 4:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
    alpha = int(digits[6:8], 16) / 255 if len(digits) == 8 else 1.0
    return red, green, blue, alpha


def _from_function(text: str, inside: str) -> Rgba:
    parts = [part for part in re.split(r"[\s,/]+", inside.strip()) if part]
    if len(parts) not in (3, 4):
        raise NotAColour(f"{text!r} is not a colour")
    try:
        red, green, blue = (round(_share(part, 255.0)) for part in parts[:3])
        alpha = _share(parts[3], 1.0) if len(parts) == 4 else 1.0
    except ValueError as error:
        raise NotAColour(f"{text!r} is not a colour") from error
    return min(255, max(0, red)), min(255, max(0, green)), min(255, max(0, blue)), alpha


def _share(part: str, whole: float) -> float:
    value = float(part[:-1]) / 100 * whole if part.endswith("%") else float(part)
    if not math.isfinite(value):
        raise ValueError(part)
    return min(whole, max(0.0, value))


def parse_fill(text: str) -> Fill:
    """A colour, `linear-gradient(angle, colour share%, …)` or `radial-gradient(colour, …)`."""
    found = _GRADIENT.fullmatch(text.strip())
    if found is None:
        return parse_colour(text)
    kind, parts = found.group(1).lower(), _split(found.group(2))
    angle = 180.0
    if parts and (turned := _angle(parts[0])) is not None:
        angle, parts = turned, parts[1:]
    elif parts and kind == "radial" and parts[0].split()[0] in ("circle", "ellipse"):
        parts = parts[1:]
    if len(parts) < 2:
        raise NotAColour("a gradient needs two colours")
    return Gradient(kind, angle, _stops(parts))


def _split(inside: str) -> list[str]:
    return [part.strip() for part in re.split(r",(?![^()]*\))", inside) if part.strip()]


def _angle(part: str) -> float | None:
    value = part.strip().lower()
    if value in _SIDES:
        return _SIDES[value]
    found = re.fullmatch(r"(-?\d+(?:\.\d+)?)deg", value)
    return float(found.group(1)) % 360 if found else None


def _stops(parts: list[str]) -> tuple[Stop, ...]:
    colours: list[Rgba] = []
    offsets: list[float | None] = []
    for part in parts:
        found = re.fullmatch(r"(.+?)\s+(-?\d+(?:\.\d+)?)%", part)
        colours.append(parse_colour(found.group(1) if found else part))
        offsets.append(float(found.group(2)) / 100 if found else None)
    filled = _fill_in(offsets)
    return tuple(Stop(offset, colour) for offset, colour in zip(filled, colours, strict=True))


def _fill_in(offsets: list[float | None]) -> list[float]:
    """CSS: ends default to 0 and 1, gaps are spread evenly, and no stop lies before the last."""
    known = list(offsets)
    known[0] = 0.0 if known[0] is None else known[0]
    known[-1] = 1.0 if known[-1] is None else known[-1]
    result: list[float] = []
    for index, value in enumerate(known):
        if value is None:
            after = next(i for i in range(index, len(known)) if known[i] is not None)
            end, start = known[after] or 0.0, result[-1]
            value = start + (end - start) / (after - index + 1)
        result.append(max(value, result[-1]) if result else value)
    return [min(1.0, max(0.0, value)) for value in result]
