"""A text made ready to paint: its lines, their places in the box, its paints."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from scene.colour import Rgba
from scene.elements import Edges, TextBackground, TextProperties
from scene.shadows import parse_shadows
from scene.text import TextFace, TextSize, fitted_size, measure, text_face


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class RunLine(_Part):
    """A line of text; `x` its left edge, `baseline` its baseline, from the box's top-left."""

    text: str
    x: float
    baseline: float
    width: float


class RunShadow(_Part):
    """Offset in pixels, Gaussian `sigma`, colour."""

    x: float
    y: float
    sigma: float
    colour: Rgba


class Plate(_Part):
    """A rounded rectangle behind text, from the box's top-left."""

    x: float
    y: float
    width: float
    height: float
    radius: float
    colour: str


class TextRun(_Part):
    """`faces` are aliases, the first the asked-for one; `stroke_width` lies outside the glyphs."""

    width: float
    height: float
    faces: Annotated[tuple[str, ...], Field(min_length=1)]
    size: float
    letter_spacing: float = 0.0
    rtl: bool = False
    colour: str
    decoration: str = "none"
    stroke_colour: str | None = None
    stroke_width: float = 0.0
    shadows: tuple[RunShadow, ...] = ()
    plates: tuple[Plate, ...] = ()
    lines: tuple[RunLine, ...] = ()
    clip: bool = False

    @property
    def reach(self) -> float:
        """How far paint may stand out of the box and its lines, pixels."""
        shadow = max((max(abs(s.x), abs(s.y)) + 3 * s.sigma for s in self.shadows), default=0.0)
        return shadow + self.stroke_width + self.size * 0.35


def text_run(text: TextProperties, width: float | None, height: float | None) -> TextRun:
    """Breaks and places a text in a box; None sides grow with the text."""
    size = text.font_size
    if width is not None and height is not None:
        size = fitted_size(text, width, height)
    found = measure(text, width, size)
    width = found.width if width is None else width
    height = found.height if height is None else height
    face = text_face(text, size)
    lines = _place(text, face, found, width, height)
    return TextRun(
        width=width,
        height=height,
        faces=face.aliases,
        size=size,
        letter_spacing=face.letter_spacing,
        rtl=face.rtl,
        colour=text.color,
        decoration=text.text_decoration,
        stroke_colour=text.stroke_color if text.stroke_width else None,
        stroke_width=text.stroke_width or 0.0 if text.stroke_color else 0.0,
        shadows=_shadows(text),
        plates=_plates(text.background, lines, size * text.line_height, face),
        lines=lines,
        clip=text.overflow != "visible",
    )


def _place(
    text: TextProperties, face: TextFace, found: TextSize, width: float, height: float
) -> tuple[RunLine, ...]:
    edges = text.padding or Edges()
    advance = found.font_size * text.line_height
    free = height - found.height
    share = {"top": 0.0, "middle": 0.5, "bottom": 1.0}[text.vertical_align]
    top = edges.top + free * share
    # CSS: what the line is taller than its glyphs is split above and below them.
    ascent, descent = face.face.ascent * face.size, face.face.descent * face.size
    first = top + (advance - ascent - descent) / 2 + ascent
    inner = width - edges.left - edges.right
    across = {"left": 0.0, "center": 0.5, "right": 1.0}[text.text_align]
    return tuple(
        RunLine(
            text=line.text,
            x=round(edges.left + (inner - line.width) * across, 3),
            baseline=round(first + index * advance, 3),
            width=round(line.width, 3),
        )
        for index, line in enumerate(found.lines)
    )


def _shadows(text: TextProperties) -> tuple[RunShadow, ...]:
    return tuple(
        RunShadow(x=s.x, y=s.y, sigma=s.blur / 2, colour=s.colour)
        for s in parse_shadows(text.text_shadow or "")
    )


def _plates(
    given: TextBackground | None, lines: tuple[RunLine, ...], advance: float, face: TextFace
) -> tuple[Plate, ...]:
    seen = [line for line in lines if line.text]
    if given is None or not given.enabled or not seen:
        return ()
    boxes = [_line_box(line, advance, face) for line in seen]
    if not given.per_line:
        boxes = [
            (
                min(box[0] for box in boxes),
                min(box[1] for box in boxes),
                max(box[2] for box in boxes),
                max(box[3] for box in boxes),
            )
        ]
    return tuple(_plate(given, box) for box in boxes)


def _line_box(line: RunLine, advance: float, face: TextFace) -> tuple[float, float, float, float]:
    ascent, descent = face.face.ascent * face.size, face.face.descent * face.size
    top = line.baseline - ascent - (advance - ascent - descent) / 2
    return line.x, top, line.x + line.width, top + advance


def _plate(given: TextBackground, box: tuple[float, float, float, float]) -> Plate:
    left, top, right, bottom = box
    width = right - left + 2 * given.padding_x
    height = bottom - top + 2 * given.padding_y
    return Plate(
        x=round(left - given.padding_x + given.offset_x, 3),
        y=round(top - given.padding_y + given.offset_y, 3),
        width=round(width, 3),
        height=round(height, 3),
        radius=round(min(width, height) / 2 * given.corner_radius / 100, 3),
        colour=given.color,
    )
