"""One design on every format: arrangement first, then sizes, on a tree of what stands on what."""

from scene.layout.engine import ENGINE_VERSION, Analysis, analyse, relayout
from scene.layout.restyle import restyled
from scene.layout.types import Anchor, Crop, Frame, Geometry, Measure, Rect

__all__ = [
    "ENGINE_VERSION",
    "Analysis",
    "Anchor",
    "Crop",
    "Frame",
    "Geometry",
    "Measure",
    "Rect",
    "analyse",
    "relayout",
    "restyled",
]
