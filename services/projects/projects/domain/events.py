"""What happened to a project: each fact as it is stored and published, and what it assigns."""

from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, cast

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from eventlog.domain import Aggregate
from projects.domain.catalogue_facts import CanvasFormat
from projects.domain.json_values import JsonObject, put_all
from projects.domain.pairs import led_values
from projects.domain.state import Canvas, Group, Pair, Placed

if TYPE_CHECKING:
    from projects.domain.project import Project


class ChangeFact(BaseModel):
    """One property before and after; sealed texts are None for a reader without the key."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    path: str
    before: Any = None
    after: Any = None
    derived: bool = False


class CanvasFact(BaseModel):
    """A canvas as it was added (J08, J10)."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    id: str
    name: str | None = None
    social_format_id: str
    social_format: CanvasFormat
    is_active: bool = False
    sync_enabled: bool = True
    config: dict[str, Any] = {}

    def as_canvas(self) -> Canvas:
        return Canvas(**self.model_dump())


class ProjectCreated(Aggregate.Created):
    TOPIC: ClassVar[str] = "projects.project_created"
    SEALED: ClassVar[tuple[str, ...]] = (
        "/name",
        "/description",
        "/canvases/*/name",
        "/canvases/*/config/backgroundImage",
        "/customizations",
    )
    name: str | None = None
    description: str | None = None
    owner_id: str
    team_id: str | None = None
    template_id: str | None = None
    social_format_id: str
    canvases: list[CanvasFact]
    tracks: list[dict[str, Any]] = []
    active_canvas_id: str | None = None
    customizations: dict[str, Any] | None = None


class ProjectEdited(Aggregate.Event):
    TOPIC: ClassVar[str] = "projects.project_edited"
    SEALED: ClassVar[tuple[str, ...]] = ("/changes/*/before", "/changes/*/after")
    changes: list[ChangeFact]

    def apply(self, aggregate: Any) -> None:
        project = cast("Project", aggregate)
        project.details = put_all(project.details, _afters(self.changes))


class ProjectDeleted(Aggregate.Event):
    TOPIC: ClassVar[str] = "projects.project_deleted"
    owner_id: str

    def apply(self, aggregate: Any) -> None:
        cast("Project", aggregate).deleted = True


class TemplateApplied(Aggregate.Event):
    TOPIC: ClassVar[str] = "projects.template_applied"
    SEALED: ClassVar[tuple[str, ...]] = ("/placeholders",)
    template_id: str
    canvas_ids: list[str]
    mode: str
    placeholders: dict[str, Any] | None = None

    def apply(self, aggregate: Any) -> None:
        cast("Project", aggregate).template_id = self.template_id


class CanvasAdded(Aggregate.Event):
    TOPIC: ClassVar[str] = "projects.canvas_added"
    SEALED: ClassVar[tuple[str, ...]] = ("/canvas/name", "/canvas/config/backgroundImage")
    canvas: CanvasFact
    index: int

    def apply(self, aggregate: Any) -> None:
        cast("Project", aggregate).canvases.insert(self.index, self.canvas.as_canvas())


class CanvasEdited(Aggregate.Event):
    TOPIC: ClassVar[str] = "projects.canvas_edited"
    SEALED: ClassVar[tuple[str, ...]] = ("/changes/*/before", "/changes/*/after")
    canvas_id: str
    changes: list[ChangeFact]

    def apply(self, aggregate: Any) -> None:
        project = cast("Project", aggregate)
        afters = _afters(self.changes)
        place = project.place_of(self.canvas_id)
        canvas = project.canvases.pop(place)
        order = afters.pop("order", place)
        state = put_all(canvas.model_dump(mode="json", by_alias=True), afters)
        project.canvases.insert(order, Canvas.model_validate(state))


class CanvasDeleted(Aggregate.Event):
    TOPIC: ClassVar[str] = "projects.canvas_deleted"
    canvas_id: str

    def apply(self, aggregate: Any) -> None:
        project = cast("Project", aggregate)
        project.canvases.pop(project.place_of(self.canvas_id))
        for element_id in [
            e.id for e in project.elements.values() if e.canvas_id == self.canvas_id
        ]:
            project.drop(element_id)


class ElementAdded(Aggregate.Event):
    """`layout`: `pair` (D7) and `engine`. The first member of a group leads it."""

    TOPIC: ClassVar[str] = "projects.element_added"
    SEALED: ClassVar[tuple[str, ...]] = ("/element/name", "/element/properties")
    canvas_id: str
    element_id: str
    sync_group: str | None = None
    element: dict[str, Any]
    origin: bool = True
    layout: dict[str, Any] | None = None

    def apply(self, aggregate: Any) -> None:
        project = cast("Project", aggregate)
        values: JsonObject = {"name": "", "properties": {}, **self.element}
        created_by = values.pop("createdBy", None)
        project.elements[self.element_id] = Placed(
            id=self.element_id,
            canvas_id=self.canvas_id,
            sync_group=self.sync_group,
            values=values,
            pair=_pair(self.layout),
            created_by=created_by,
            created_at=self.timestamp,
            edited_at=self.timestamp,
        )
        if self.sync_group and self.sync_group not in project.groups:
            project.groups[self.sync_group] = Group(base=self.canvas_id, values=values)


class ElementEdited(Aggregate.Event):
    """`layout.group`: the group follows; `base`, `factor`, `pair`: as in `pairs.led_values`.

    `layout.shift`: pushed by the grown text of group `by`, now by `y` in all.
    """

    TOPIC: ClassVar[str] = "projects.element_edited"
    SEALED: ClassVar[tuple[str, ...]] = ("/changes/*/before", "/changes/*/after")
    canvas_id: str
    element_id: str
    sync_group: str | None = None
    changes: list[ChangeFact]
    origin: bool = True
    overrides: list[str] | None = None
    layout: dict[str, Any] | None = None

    def apply(self, aggregate: Any) -> None:
        project = cast("Project", aggregate)
        before = project.elements[self.element_id]
        after = put_all(before.values, _afters(self.changes))
        layout = self.layout or {}
        if layout.get("group") and self.sync_group in project.groups:
            group = project.groups[self.sync_group]
            # Room that the engine gave to a longer text is not what the group says.
            said = [change for change in self.changes if not change.derived]
            values = put_all(before.values, _afters(said))
            paths = [change.path for change in said]
            project.groups[self.sync_group] = led_values(group, before, values, paths, layout)
        overrides = before.overrides if self.overrides is None else tuple(self.overrides)
        project.elements[self.element_id] = before.model_copy(
            update={
                "values": after,
                "overrides": overrides,
                "pair": _pair(layout) or before.pair,
                "shifts": _shifts(before, self.changes, layout),
                "edited_at": self.timestamp,
            }
        )


class ElementDeleted(Aggregate.Event):
    TOPIC: ClassVar[str] = "projects.element_deleted"
    canvas_id: str
    element_id: str
    sync_group: str | None = None
    origin: bool = True

    def apply(self, aggregate: Any) -> None:
        cast("Project", aggregate).drop(self.element_id)


class ExportRequested(Aggregate.Event):
    TOPIC: ClassVar[str] = "projects.export_requested"
    SEALED: ClassVar[tuple[str, ...]] = ("/documentKey", "/settings/metadata")
    export_id: str
    user_id: str
    canvas_id: str
    social_format_id: str
    document_hash: str
    document_version: int
    document_key: str | None = None
    settings: dict[str, Any]


class AiGenerationApplied(Aggregate.Event):
    TOPIC: ClassVar[str] = "projects.ai_generation_applied"
    generation_id: str
    canvas_id: str
    element_id: str

    def apply(self, aggregate: Any) -> None:
        cast("Project", aggregate).ai_generations_used += 1


class AiGenerationApplyRefused(Aggregate.Event):
    TOPIC: ClassVar[str] = "projects.ai_generation_apply_refused"
    generation_id: str
    element_id: str
    reason: str


def _afters(changes: list[ChangeFact]) -> JsonObject:
    return {change.path: change.after for change in changes}


def _shifts(before: Placed, changes: list[ChangeFact], layout: JsonObject) -> dict[str, float]:
    """What pushed it so far; an own place ends all of it."""
    shift = layout.get("shift")
    if shift is None:
        return {} if any(change.path == "y" for change in changes) else before.shifts
    others = {by: much for by, much in before.shifts.items() if by != shift["by"]}
    return {**others, shift["by"]: shift["y"]} if shift["y"] else others


def _pair(layout: JsonObject | None) -> Pair | None:
    found = (layout or {}).get("pair")
    return None if found is None else Pair.model_validate(found)


CanvasFactEvent: TypeAlias = CanvasAdded | CanvasEdited | CanvasDeleted
ProjectFact: TypeAlias = (
    ProjectCreated
    | ProjectEdited
    | ProjectDeleted
    | TemplateApplied
    | CanvasFactEvent
    | ElementAdded
    | ElementEdited
    | ElementDeleted
    | ExportRequested
    | AiGenerationApplied
    | AiGenerationApplyRefused
)
