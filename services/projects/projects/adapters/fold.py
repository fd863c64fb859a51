"""A project's rows as a function of its events: kept in the tables, or built for a past version."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from eventlog.history import Recorded
from eventlog.stored import Metadata
from projects.domain import events
from projects.domain.json_values import JsonObject, put_all
from projects.domain.project import EMPTY_CUSTOMIZATIONS
from runtime import clock

ELEMENT_DEFAULTS: JsonObject = {
    "x": 0,
    "y": 0,
    "width": None,
    "height": None,
    "rotation": 0,
    "opacity": 1,
    "aiGenerated": False,
    "aiGenerationId": None,
    "aiProvider": None,
    "zIndex": 1,
    "isLocked": False,
    "isHidden": False,
}


@dataclass
class ProjectRows:
    """`project` and `elements` in camelCase, as the API shows them; None: not there (any more).

    `added` and `edited` name the elements whose rows have to be written, `removed` those to go.
    """

    project: JsonObject | None = None
    elements: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    added: set[str] = field(default_factory=set[str])
    edited: set[str] = field(default_factory=set[str])
    removed: set[str] = field(default_factory=set[str])
    applied: list[str] = field(default_factory=list[str])

    def follow(self, recorded: Iterable[Recorded]) -> "ProjectRows":
        for one in recorded:
            self._apply(one.event, one.metadata)
        return self

    def _apply(self, event: object, metadata: Metadata) -> None:
        """Events of other aggregates, and those without a row, change nothing here."""
        if isinstance(event, events.ProjectCreated):
            self.project = _created(event, metadata)
        if self.project is None or not isinstance(event, _FACTS):
            return
        self._note(event, metadata)
        if isinstance(event, events.ProjectEdited):
            self._edit_project(event)
        elif isinstance(event, events.ProjectDeleted):
            self.project = None
        elif isinstance(event, events.TemplateApplied):
            self.project["templateId"] = event.template_id
            self.applied.append(event.template_id)
        elif isinstance(event, events.AiGenerationApplied):
            self.project["aiGenerationsUsed"] += 1
        elif isinstance(event, _CANVAS_FACTS):
            self._follow_canvas(event)
        else:
            self._follow_element(event, metadata)

    def _note(self, event: events.ProjectFact, metadata: Metadata) -> None:
        project = cast(JsonObject, self.project)
        project["version"] = event.originator_version
        project["commandNumber"] = metadata.command_number
        project["updatedAt"] = clock.iso(metadata.occurred_at)
        if isinstance(event, events.ExportRequested | events.AiGenerationApplyRefused):
            return
        project["lastEditedBy"] = metadata.actor
        project["lastEditedAt"] = clock.iso(metadata.occurred_at)

    def _edit_project(self, event: events.ProjectEdited) -> None:
        project = cast(JsonObject, self.project)
        afters = {change.path: change.after for change in event.changes}
        data = cast(JsonObject, project["projectData"])
        own = {path: v for path, v in afters.items() if path.startswith("customizations")}
        for path in afters.keys() - own.keys():
            project[path] = afters[path]
        project["projectData"] = put_all(data, own)

    def _follow_canvas(self, event: events.CanvasFactEvent) -> None:
        project = cast(JsonObject, self.project)
        canvases: list[JsonObject] = list(project["canvases"])
        data = cast(JsonObject, project["projectData"])
        configs = dict(data["canvasConfig"])
        if isinstance(event, events.CanvasAdded):
            canvases.insert(event.index, _canvas(event.canvas))
            configs[event.canvas.id] = event.canvas.config
        else:
            place = next(n for n, one in enumerate(canvases) if one["id"] == event.canvas_id)
            canvas = canvases.pop(place)
            config = configs.pop(event.canvas_id, {})
            if isinstance(event, events.CanvasEdited):
                afters = {change.path: change.after for change in event.changes}
                whole = put_all({**canvas, "config": config}, afters)
                configs[event.canvas_id] = whole.pop("config")
                canvases.insert(whole.pop("order", place), whole)
            else:
                gone = {i for i, e in self.elements.items() if e["canvasId"] == event.canvas_id}
                self._remove(gone)
        project["canvases"] = canvases
        project["projectData"] = {**data, "canvasConfig": configs}

    def _follow_element(self, event: object, metadata: Metadata) -> None:
        if isinstance(event, events.ElementAdded):
            self.elements[event.element_id] = _element(event, metadata)
            self.added.add(event.element_id)
        elif isinstance(event, events.ElementEdited):
            before = self.elements[event.element_id]
            after = put_all(before, {change.path: change.after for change in event.changes})
            after = {**ELEMENT_DEFAULTS, **after}
            if event.overrides is not None:
                after["overrides"] = list(event.overrides)
            moment = clock.iso(metadata.occurred_at)
            after |= {"lastEditedBy": metadata.actor, "lastEditedAt": moment, "updatedAt": moment}
            self.elements[event.element_id] = after
            self.edited.add(event.element_id)
        elif isinstance(event, events.ElementDeleted):
            self._remove({event.element_id})

    def _remove(self, gone: set[str]) -> None:
        for element_id in gone:
            self.elements.pop(element_id, None)
        # A row that was never written needs no removal; one that was edited needs no update.
        self.removed |= gone - self.added
        self.added -= gone
        self.edited -= gone


_CANVAS_FACTS = (events.CanvasAdded, events.CanvasEdited, events.CanvasDeleted)
_FACTS = (
    *_CANVAS_FACTS,
    events.ProjectCreated,
    events.ProjectEdited,
    events.ProjectDeleted,
    events.TemplateApplied,
    events.ElementAdded,
    events.ElementEdited,
    events.ElementDeleted,
    events.ExportRequested,
    events.AiGenerationApplied,
    events.AiGenerationApplyRefused,
)


def _created(event: events.ProjectCreated, metadata: Metadata) -> JsonObject:
    moment = clock.iso(metadata.occurred_at)
    return {
        "id": str(event.originator_id),
        "name": event.name or "",
        "description": event.description,
        "templateId": event.template_id,
        "socialFormatId": event.social_format_id,
        "canvases": [_canvas(fact) for fact in event.canvases],
        "activeCanvasId": event.active_canvas_id,
        "projectData": {
            "canvasConfig": {fact.id: fact.config for fact in event.canvases},
            "customizations": event.customizations or dict(EMPTY_CUSTOMIZATIONS),
        },
        "ownerId": event.owner_id,
        "teamId": event.team_id,
        "status": "draft",
        "lastEditedBy": metadata.actor,
        "lastEditedAt": moment,
        "exports": [],
        "shareSettings": None,
        "aiGenerationsUsed": 0,
        "createdAt": moment,
        "updatedAt": moment,
    }


def _canvas(fact: events.CanvasFact) -> JsonObject:
    whole: JsonObject = fact.model_dump(mode="json", by_alias=True, exclude={"config"})
    return {**whole, "checkLayout": False}


def _element(event: events.ElementAdded, metadata: Metadata) -> JsonObject:
    moment = clock.iso(metadata.occurred_at)
    values: dict[str, Any] = {"name": "", "properties": {}, **ELEMENT_DEFAULTS, **event.element}
    return {
        **values,
        "id": event.element_id,
        "projectId": str(event.originator_id),
        "canvasId": event.canvas_id,
        "isSynced": event.sync_group is not None,
        "syncGroup": event.sync_group,
        "overrides": [],
        "createdBy": values.get("createdBy"),
        "lastEditedBy": metadata.actor,
        "lastEditedAt": moment,
        "createdAt": moment,
        "updatedAt": moment,
    }
