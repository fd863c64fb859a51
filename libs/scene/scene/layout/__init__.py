"""One design on every format: arrangement first, then sizes, on a tree of what stands on what."""

from scene.layout.carrying import Pair
from scene.layout.engine import ENGINE_VERSION, Analysis, analyse, relayout
from scene.layout.restyle import restyled
from scene.layout.transfer import Side, transfer
from scene.layout.types import Anchor, Crop, Frame, Geometry, Measure, Rect

__all__ = [
    "ENGINE_VERSION",
    "Analysis",
    "Anchor",
    "Crop",
    "Frame",
    "Geometry",
    "Measure",
    "Pair",
    "Rect",
    "Side",
    "analyse",
    "relayout",
    "restyled",
    "transfer",
]
