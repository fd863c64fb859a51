"""Projects for domain tests: no input, no output, ids by number."""

from collections.abc import Sequence
from itertools import count
from typing import Any
from uuid import UUID

import orjson

from projects.domain.canvas_edits import CanvasEdits, canvas_fact
from projects.domain.catalogue_facts import FormatFacts
from projects.domain.outcome import Outcome
from projects.domain.project import Project
from projects.domain.state import Placed
from projects.seeding import DATA

Json = dict[str, Any]
OWNER = "ana"
_FORMATS = orjson.loads((DATA / "social_formats.json").read_bytes())
FORMATS = {
    one["slug"]: FormatFacts.model_validate({**one, "id": one["slug"]}, by_name=True)
    for one in _FORMATS
}


class Story:
    """A project on some formats, and the edits made to it."""

    def __init__(self, *formats: str, number: int = 1) -> None:
        self._ids = count(number * 1000)
        wanted = formats or ("instagram-story", "tiktok-video", "linkedin-post-landscape")
        facts = [
            canvas_fact(self.new_id(), FORMATS[slug], is_active=place == 0)
            for place, slug in enumerate(wanted)
        ]
        self.project = Project.begin(
            UUID(int=number),
            name="Launch",
            owner_id=OWNER,
            social_format_id=wanted[0],
            canvases=facts,
            active_canvas_id=facts[0].id,
        )

    def new_id(self) -> str:
        return str(UUID(int=next(self._ids)))

    @property
    def canvases(self) -> list[str]:
        return [canvas.id for canvas in self.project.canvases]

    def edits(self) -> CanvasEdits:
        return CanvasEdits(self.project, FORMATS, self.new_id, OWNER)

    def text(self, content: str = "Fresh today", sync_to: Any = "all", **members: Any) -> str:
        """A text of 900×300 px at 90, 300 on the first canvas; returns its id."""
        look = {"content": content, "fontSize": 100, **members.pop("text", {})}
        given: Json = {
            "canvasId": self.canvases[0],
            "type": "text",
            "x": 90,
            "y": 300,
            "width": 900,
            "height": 300,
            "properties": {"text": look},
            **members,
        }
        return self.edits().add(given, sync_to)

    def shape(self, sync_to: Any = "all", **members: Any) -> str:
        given: Json = {
            "canvasId": self.canvases[0],
            "type": "shape",
            "x": 90,
            "y": 700,
            "width": 400,
            "height": 200,
            "properties": {"shape": {"fill": "#ff0000"}},
            **members,
        }
        return self.edits().add(given, sync_to)

    def edit(self, element_id: str, patch: Json, scope: Any = "group") -> Outcome:
        edits = self.edits()
        edits.edit(element_id, patch, scope)
        return edits.outcome

    def group(self, element_id: str) -> list[Placed]:
        """The element and its siblings, in the order of the canvases."""
        name = self.project.elements[element_id].sync_group
        return self.project.board(FORMATS).members(name or "")

    def on(self, element_id: str, canvas: int) -> Placed:
        """The member of the element's group on a canvas, by its place."""
        wanted = self.canvases[canvas]
        return next(e for e in self.group(element_id) if e.canvas_id == wanted)

    def replayed(self) -> Project:
        """The project rebuilt from the JSON of its events, as the log would."""
        project: Any = None
        for event in self.project.pending_events:
            kind: Any = type(event)
            project = kind.model_validate_json(event.model_dump_json(by_alias=True)).mutate(project)  # pyright: ignore[reportAttributeAccessIssue]
        return project


def places(elements: Sequence[Placed]) -> list[tuple[Any, ...]]:
    return [tuple(e.values.get(n) for n in ("x", "y", "width", "height")) for e in elements]


def look(element: Placed) -> Json:
    found: Json = element.values["properties"]["text"]
    return found
