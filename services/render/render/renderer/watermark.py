"""The watermark, as one more text element on top of the document."""

from typing import Literal

from render.renderer.options import ExportSettings
from scene.document import Document
from scene.elements import Element, ElementProperties, TextProperties

MARK = "Multicanvas"
_ALIGN: dict[str, Literal["left", "right", "center"]] = {"left": "left", "right": "right"}


def with_watermark(document: Document, settings: ExportSettings) -> Document:
    """The document with the mark on it, or itself when none is asked for."""
    wanted = settings.watermark
    if wanted is None or not wanted.enabled or wanted.opacity <= 0:
        return document
    canvas = document.canvas
    size = round(min(canvas.width, canvas.height) * 0.032, 2)
    margin = size * 1.2
    vertical, _, horizontal = wanted.position.partition("-")
    height = size * 1.4
    y = {"top": margin, "bottom": canvas.height - margin - height}.get(
        vertical, (canvas.height - height) / 2
    )
    text = TextProperties(
        content=MARK,
        font_size=size,
        font_family="Inter",
        font_weight="700",
        color="#ffffff",
        text_align=_ALIGN.get(horizontal, "center"),
        text_shadow=f"0 {size * 0.06:.2f}px {size * 0.3:.2f}px rgba(0,0,0,0.6)",
    )
    mark = Element(
        id="~watermark",
        type="text",
        start_time=0,
        duration=max(document.duration, 0.001),
        x=margin,
        y=y,
        width=canvas.width - 2 * margin,
        height=height,
        opacity=wanted.opacity,
        z_index=1_000_000,
        track_index=10_000,
        properties=ElementProperties(text=text),
    )
    return document.model_copy(update={"elements": (*document.elements, mark)})
