"""Text shadows: CSS `x y blur colour` lists, in canvas pixels."""

import re
from dataclasses import dataclass

from scene.colour import NotAColour, Rgba, parse_colour

_NUMBER = re.compile(r"(-?\d*\.?\d+)(px)?$")


@dataclass(frozen=True)
class Shadow:
    """Offset and CSS blur radius in canvas pixels (the Gaussian's σ is half the radius)."""

    x: float
    y: float
    blur: float
    colour: Rgba

    @property
    def reach(self) -> float:
        """How far beyond the glyphs it may paint, in pixels."""
        return max(abs(self.x), abs(self.y)) + self.blur * 1.5


def parse_shadows(text: str) -> tuple[Shadow, ...]:
    """`2px 2px 4px rgba(0,0,0,.5), …`; `none` and empty text give no shadow.

    Raises `NotAColour` for anything else.
    """
    if text.strip().lower() in ("", "none"):
        return ()
    return tuple(_parse_one(part) for part in re.split(r",(?![^()]*\))", text))


def _parse_one(part: str) -> Shadow:
    words = re.findall(r"[a-zA-Z]+\([^)]*\)|\S+", part)
    numbers = [float(found.group(1)) for word in words if (found := _NUMBER.match(word))]
    colours = [word for word in words if not _NUMBER.match(word)]
    if len(numbers) not in (2, 3) or len(colours) > 1:
        raise NotAColour(f"{part.strip()!r} is not a shadow")
    blur = max(0.0, numbers[2]) if len(numbers) == 3 else 0.0
    colour = parse_colour(colours[0]) if colours else (0, 0, 0, 1.0)
    return Shadow(numbers[0], numbers[1], blur, colour)


def scale_shadows(text: str, factor: float) -> str:
    """The same shadows with every length times `factor`, as text again."""
    parts: list[str] = []
    for shadow in parse_shadows(text):
        red, green, blue, alpha = shadow.colour
        lengths = " ".join(f"{round(v * factor, 2):g}px" for v in (shadow.x, shadow.y, shadow.blur))
        parts.append(f"{lengths} rgba({red}, {green}, {blue}, {round(alpha, 3):g})")
    return ", ".join(parts) or "none"
