"""The project: canvases, elements and sync groups. Methods check and decide, events assign."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from eventlog.domain import Aggregate, KeyScope, SnapshotState, event
from projects.domain import events
from projects.domain.catalogue_facts import FormatFacts
from projects.domain.json_values import JsonObject
from projects.domain.pairs import pairs_led_by
from projects.domain.refusals import Conflicting, Unknown, invalid
from projects.domain.state import Board, Canvas, Group, Placed

MAX_CANVASES = 50
MAX_ELEMENTS = 2000
EMPTY_CUSTOMIZATIONS: JsonObject = {"colors": [], "fonts": [], "brandAssets": []}


class ProjectState(SnapshotState):
    """A project's attributes in its snapshots."""

    details: dict[str, Any]
    owner_id: str
    template_id: str | None
    social_format_id: str
    canvases: list[Canvas]
    elements: dict[str, Placed]
    groups: dict[str, Group]
    ai_generations_used: int
    deleted: bool


class Project(Aggregate):
    """`details`: name, description, teamId, activeCanvasId, customizations, in camelCase."""

    TOPIC = "projects.project"
    State = ProjectState

    Created = events.ProjectCreated
    ProjectEdited = events.ProjectEdited
    ProjectDeleted = events.ProjectDeleted
    TemplateApplied = events.TemplateApplied
    CanvasAdded = events.CanvasAdded
    CanvasEdited = events.CanvasEdited
    CanvasDeleted = events.CanvasDeleted
    ElementAdded = events.ElementAdded
    ElementEdited = events.ElementEdited
    ElementDeleted = events.ElementDeleted
    ExportRequested = events.ExportRequested
    AiGenerationApplied = events.AiGenerationApplied
    AiGenerationApplyRefused = events.AiGenerationApplyRefused

    @event(events.ProjectCreated)
    def __init__(
        self,
        owner_id: str,
        social_format_id: str,
        canvases: list[events.CanvasFact],
        name: str | None = None,
        description: str | None = None,
        team_id: str | None = None,
        template_id: str | None = None,
        active_canvas_id: str | None = None,
        customizations: dict[str, Any] | None = None,
    ) -> None:
        self.owner_id = owner_id
        self.social_format_id = social_format_id
        self.template_id = template_id
        self.details: JsonObject = {
            "name": name,
            "description": description,
            "teamId": team_id,
            "activeCanvasId": active_canvas_id,
            "customizations": customizations or dict(EMPTY_CUSTOMIZATIONS),
        }
        self.canvases = [fact.as_canvas() for fact in canvases]
        self.elements: dict[str, Placed] = {}
        self.groups: dict[str, Group] = {}
        self.ai_generations_used = 0
        self.deleted = False

    @property
    def key_scope(self) -> KeyScope:
        return KeyScope("project", str(self.id), project_id=self.id, user_id=self.owner_id)

    @property
    def name(self) -> str:
        return str(self.details.get("name") or "")

    @property
    def duration(self) -> float:
        """Seconds until the last element is gone; 0 for an empty project."""
        ends = (
            float(e.values["startTime"]) + float(e.values["duration"])
            for e in self.elements.values()
        )
        return max(ends, default=0)

    def board(self, formats: Mapping[str, FormatFacts]) -> Board:
        return Board(self.canvases, self.elements.values(), self.groups, formats)

    def canvas(self, canvas_id: str) -> Canvas:
        """Raises Unknown."""
        return self.canvases[self.place_of(canvas_id)]

    def place_of(self, canvas_id: str) -> int:
        """Raises Unknown."""
        for place, canvas in enumerate(self.canvases):
            if canvas.id == canvas_id:
                return place
        raise Unknown("canvas", canvas_id)

    def element(self, element_id: str) -> Placed:
        """Raises Unknown."""
        if element_id not in self.elements:
            raise Unknown("element", element_id)
        return self.elements[element_id]

    def require_unlocked(self, element: Placed, patch: Mapping[str, Any] | None = None) -> None:
        """Raises Conflicting for a locked element, unless the patch unlocks it (B16)."""
        if element.is_locked and (patch or {}).get("isLocked") is not False:
            raise Conflicting("element_locked", "This element is locked. Unlock it first.")

    def require_room(self, elements: int, canvases: int = 0) -> None:
        """Raises Invalid beyond 50 canvases or 2,000 elements (D12)."""
        if len(self.canvases) + canvases > MAX_CANVASES:
            raise invalid("", "too_many_canvases", f"A project may have {MAX_CANVASES} canvases.")
        if len(self.elements) + elements > MAX_ELEMENTS:
            raise invalid("", "too_many_elements", f"A project may have {MAX_ELEMENTS} elements.")

    def edit_details(self, changes: Sequence[events.ChangeFact]) -> None:
        if changes:
            self.trigger_event(Project.ProjectEdited, changes=list(changes))

    def delete(self) -> None:
        self.trigger_event(Project.ProjectDeleted, owner_id=self.owner_id)

    def drop(self, element_id: str) -> None:
        """Take an element out of the state; the group it led gets another leader (D7)."""
        gone = self.elements.pop(element_id)
        group = self.groups.get(gone.sync_group or "")
        if group is None:
            return
        name = str(gone.sync_group)
        rest = Board(self.canvases, self.elements.values(), {}, {}).members(name)
        if not rest:
            del self.groups[name]
        elif gone.canvas_id == group.base:
            self._lead_anew(name, rest)

    def _lead_anew(self, name: str, members: list[Placed]) -> None:
        first = members[0]
        self.groups[name] = Group(base=first.canvas_id, values=first.values)
        for member, pair in pairs_led_by(members, first.canvas_id).items():
            self.elements[member] = self.elements[member].model_copy(update={"pair": pair})

    @classmethod
    def begin(cls, project_id: UUID, **members: Any) -> "Project":
        """A new project; `members` are those of ProjectCreated."""
        return cls._create(Project.Created, id=project_id, **members)
