"""What a project consists of: canvases, elements, sync groups. Frozen values, replaced whole."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from projects.domain.catalogue_facts import CanvasFormat, FormatFacts
from projects.domain.json_values import JsonObject, at
from projects.domain.numbers import rounded, tidy
from projects.domain.properties import BOX, CROP, FONT_SIZE


class Part(BaseModel):
    """A frozen piece of state; JSON in camelCase."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True
    )


class Canvas(Part):
    """One format's artboard (J08) with its config (J10)."""

    id: str
    name: str | None = None
    social_format_id: str
    social_format: CanvasFormat
    is_active: bool = False
    sync_enabled: bool = True
    config: JsonObject = {}
    check_layout: bool = False


class Box(Part):
    """An element's derived values on one canvas: box, font size, crop."""

    x: float = 0
    y: float = 0
    width: float | None = None
    height: float | None = None
    font_size: float | None = None
    crop: JsonObject | None = None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Box":
        return cls(
            **{name: values[name] for name in BOX if values.get(name) is not None},
            font_size=at(values, FONT_SIZE),
            crop=at(values, CROP),
        )

    def paths(self) -> JsonObject:
        """Values by dotted path, rounded, as they stand in an element."""
        found: JsonObject = {
            "x": self.x,
            "y": self.y,
            "width": self.width,
            "height": self.height,
            FONT_SIZE: self.font_size,
        }
        present = {path: rounded(v) for path, v in found.items() if v is not None}
        return present if self.crop is None else {**present, CROP: tidy(self.crop, "cropData")}


class Pair(Part):
    """A reference pair (D7): where the base stood when this canvas's place was decided.

    New places are derived from the pair, never from the last place, so edits do not drift.
    """

    base: str
    source: Box
    own: Box

    def to_json(self) -> JsonObject:
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class Placed(Part):
    """One element on one canvas, and what ties it to its group.

    `shifts`: by how much (y) the grown texts of which groups pushed it from its place.
    """

    id: str
    canvas_id: str
    sync_group: str | None = None
    values: JsonObject
    overrides: tuple[str, ...] = ()
    pair: Pair | None = None
    shifts: dict[str, float] = {}
    created_by: str | None = None
    created_at: datetime | None = None
    edited_at: datetime | None = None

    @property
    def is_locked(self) -> bool:
        return bool(self.values.get("isLocked"))

    @property
    def type(self) -> str:
        return str(self.values["type"])

    @property
    def box(self) -> Box:
        return Box.of(self.values)

    def to_json(self) -> JsonObject:
        """The element as the API, layout and drawing know it, without audit members."""
        return {
            "id": self.id,
            "canvasId": self.canvas_id,
            "syncGroup": self.sync_group,
            "isSynced": self.sync_group is not None,
            **self.values,
        }


class Group(Part):
    """A sync group: the canvas whose member leads, and the values everyone follows."""

    base: str
    values: JsonObject


class Board:
    """A project's canvases and elements with the formats they stand on: what rules look at."""

    def __init__(
        self,
        canvases: Iterable[Canvas],
        elements: Iterable[Placed],
        groups: Mapping[str, Group],
        formats: Mapping[str, FormatFacts],
    ) -> None:
        self.canvases = {canvas.id: canvas for canvas in canvases}
        self.elements = {element.id: element for element in elements}
        self.groups = dict(groups)
        self.formats = formats

    def format_of(self, canvas_id: str) -> FormatFacts:
        return self.formats[self.canvases[canvas_id].social_format_id]

    def on(self, canvas_id: str) -> list[Placed]:
        return [element for element in self.elements.values() if element.canvas_id == canvas_id]

    def members(self, group: str) -> list[Placed]:
        """Members in the order of their canvases."""
        order = {name: place for place, name in enumerate(self.canvases)}
        found = [e for e in self.elements.values() if e.sync_group == group]
        return sorted(found, key=lambda e: order.get(e.canvas_id, len(order)))

    def member(self, group: str, canvas_id: str) -> Placed | None:
        return next((e for e in self.members(group) if e.canvas_id == canvas_id), None)

    def is_synced(self, canvas_id: str) -> bool:
        canvas = self.canvases.get(canvas_id)
        return canvas is not None and canvas.sync_enabled
