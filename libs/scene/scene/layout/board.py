"""The target canvas while it is being filled."""

from dataclasses import dataclass, field

from scene.layout.items import Item
from scene.layout.roles import Roles
from scene.layout.types import Frame, Rect


@dataclass
class Board:
    """Boxes (of texts: ink), fonts, scales and reasons, by element id."""

    source: Frame
    target: Frame
    items: dict[str, Item]
    roles: Roles
    gm: float
    rects: dict[str, Rect] = field(default_factory=dict[str, Rect])
    fonts: dict[str, float] = field(default_factory=dict[str, float])
    lines: dict[str, int] = field(default_factory=dict[str, int])
    scales: dict[str, float] = field(default_factory=dict[str, float])
    reasons: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def put(self, item: Item, rect: Rect, scale: float, reason: str) -> None:
        self.rects[item.id] = rect
        self.scales[item.id] = scale
        self.because(item.id, reason)

    def because(self, name: str, reason: str) -> None:
        self.reasons.setdefault(name, []).append(reason)

    def texts(self) -> list[tuple[Item, Rect]]:
        return [
            (item, self.rects[name])
            for name, item in self.items.items()
            if item.text and name in self.rects and not item.carried
        ]
