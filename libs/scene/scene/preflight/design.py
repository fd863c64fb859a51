"""Texts that are covered, cut off, too long for their box or too small to read."""

from scene.display import drawn_elements
from scene.document import Document, canonical
from scene.elements import Element
from scene.layout.items import Item, item_of
from scene.layout.shaping import shaped
from scene.layout.types import Frame, Rect, rounded
from scene.layout.words import meter_of
from scene.preflight.findings import Finding, Fix, Format
from scene.text import fitted_size, measure

INSIDE = 0.985
OVERFLOW = 1.03
SMALL = 0.95


def design_findings(document: Document, asked: Format) -> list[Finding]:
    canvas = document.canvas
    frame = Frame(canvas.width, canvas.height)
    found: list[Finding] = []
    for element in drawn_elements(document):
        if element.properties.text is None:
            continue
        item = item_of(canonical(element), 0, frame, meter_of(shaped))
        if item.text is None or item.carried or item.text.width <= 0:
            continue
        found += _place(document, asked, element, item)
        found += _overflow(document, element)
        found += _small(document, element)
    return found


def _place(document: Document, asked: Format, element: Element, item: Item) -> list[Finding]:
    safe = _zone(document, asked, "title_safe")
    if safe is None or item.ink.clip(safe).area >= INSIDE * item.ink.area:
        return []
    under = [
        zone.name
        for zone in asked.safe_zones
        if zone.name.startswith("ui_overlay")
        and item.ink.clip(Rect(zone.x, zone.y, zone.width, zone.height)).area
        > (1 - INSIDE) * item.ink.area
    ]
    canvas = Rect(0, 0, document.canvas.width, document.canvas.height)
    cut = item.ink.clip(canvas).area < INSIDE * item.ink.area
    distance, words, move = _way_back(item.ink, safe)
    name = element.name or "Text"
    where = "is cut off at the canvas edge" if cut else "stands outside the safe area"
    if under and not cut:
        where = "stands under the app's own controls"
    return [
        Finding(
            canvas_id=document.canvas.id,
            element_id=element.id,
            rule="text_outside_safe",
            severity="error" if under or cut else "warning",
            message=f"{name} {where}, by {distance:.0f} px. {words}",
            measured=rounded(distance),
            limit=0,
            fix=_moved(element, move, words),
        )
    ]


def _zone(document: Document, asked: Format, name: str) -> Rect | None:
    zones = document.canvas.safe_zones or asked.safe_zones
    found = next((zone for zone in zones if zone.name == name), None)
    return Rect(found.x, found.y, found.width, found.height) if found else None


def _way_back(ink: Rect, safe: Rect) -> tuple[float, str, tuple[float, float] | None]:
    """How far out, the advice, and the move that brings the text back (None if it is too large)."""
    left, right = safe.x - ink.x, ink.right - safe.right
    up, down = safe.y - ink.y, ink.bottom - safe.bottom
    distance = max(left, right, up, down)
    if ink.w > safe.w or ink.h > safe.h:
        return distance, "Make it smaller.", None
    dx = max(left, 0.0) - max(right, 0.0)
    dy = max(up, 0.0) - max(down, 0.0)
    ways = [
        (dx, f"{'right' if dx > 0 else 'left'} {abs(dx):.0f} px"),
        (dy, f"{'down' if dy > 0 else 'up'} {abs(dy):.0f} px"),
    ]
    return distance, "Move " + " and ".join(way for by, way in ways if by) + ".", (dx, dy)


def _moved(element: Element, move: tuple[float, float] | None, label: str) -> Fix | None:
    if move is None or element.is_locked:
        return None
    patch = {"x": rounded(element.x + move[0]), "y": rounded(element.y + move[1])}
    command = {
        "type": "edit_element",
        "elementId": element.id,
        "scope": "canvas",
        "patch": patch,
    }
    return Fix(label=label.rstrip("."), command=command)


def _overflow(document: Document, element: Element) -> list[Finding]:
    text = element.properties.text
    if text is None or element.width is None or element.height is None:
        return []
    size = fitted_size(text, element.width, element.height)
    needed = measure(text, element.width, size)
    too_high = needed.height > OVERFLOW * element.height
    # The spacing after a word's last letter is room nobody sees.
    widest = needed.widest_word - max(0.0, text.letter_spacing * size / text.font_size)
    too_wide = widest > element.width + 1
    if not too_high and not too_wide and not needed.exceeded:
        return []
    name = element.name or "Text"
    measured, limit = (widest, element.width) if too_wide else (needed.height, element.height)
    side = "wide" if too_wide else "high"
    return [
        Finding(
            canvas_id=document.canvas.id,
            element_id=element.id,
            rule="text_overflow",
            severity="error",
            message=f"{name} needs {measured:.0f} px and its box is {limit:.0f} px {side}. "
            "Shorten it or make it smaller.",
            measured=rounded(measured),
            limit=rounded(limit),
            fix=_taller(element, needed.height) if too_high and not too_wide else None,
        )
    ]


def _taller(element: Element, height: float) -> Fix | None:
    if element.is_locked:
        return None
    patch = {"height": rounded(height + 1)}
    return Fix(
        label="Make the box higher",
        command={
            "type": "edit_element",
            "elementId": element.id,
            "scope": "canvas",
            "patch": patch,
        },
    )


def _small(document: Document, element: Element) -> list[Finding]:
    text, canvas = element.properties.text, document.canvas
    floor = 0.02 * min(canvas.width, 1.6 * canvas.height)
    if text is None or text.font_size >= SMALL * floor:
        return []
    return [
        Finding(
            canvas_id=canvas.id,
            element_id=element.id,
            rule="text_small",
            severity="warning",
            message=f"{element.name or 'Text'} is {text.font_size:g} px. "
            f"Under {floor:.0f} px it is hard to read on a phone.",
            measured=text.font_size,
            limit=rounded(floor),
            fix=None
            if element.is_locked
            else Fix(
                label=f"Make it {floor:.0f} px",
                command={
                    "type": "edit_element",
                    "elementId": element.id,
                    "scope": "canvas",
                    "patch": {"properties": {"text": {"fontSize": rounded(floor)}}},
                },
            ),
        )
    ]
