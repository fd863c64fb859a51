"""What the projects service tells: formats, categories, templates, projects and their elements."""

from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from contracts import topics
from contracts.envelope import MessageData


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True
    )


class _Fact(MessageData):
    TOPIC: ClassVar[str] = topics.PROJECTS


class Change(_Part):
    """One property's old and new value. `derived` marks output of the layout engine.

    `path` is dotted from the thing that changed (`properties.text.fontSize`); text values are
    sealed, so a reader without the key sees `before` and `after` as None.
    """

    path: str
    before: Any = None
    after: Any = None
    derived: bool = False


class CanvasFormat(_Part):
    """Size in canvas pixels and platform of a canvas's format."""

    width: int
    height: int
    platform: str
    aspect_ratio: str


class Canvas(_Part):
    """One format's artboard."""

    id: UUID
    name: str | None = None
    social_format_id: UUID
    social_format: CanvasFormat
    is_active: bool = False
    sync_enabled: bool = True
    config: dict[str, Any] = {}


# Catalogue -----------------------------------------------------------------------------------


class FormatAdded(_Fact):
    """A social format entered the catalogue."""

    TYPE = "projects.format_added.v1"
    name: str
    slug: str
    platform: str
    width: int
    height: int
    aspect_ratio: str
    max_duration: int | None = None
    recommended_formats: list[str] = []
    max_file_size: int | None = None
    supported_features: dict[str, Any]
    safe_zones: list[dict[str, Any]] = []
    branding_guidelines: dict[str, Any] | None = None
    is_active: bool = True
    sort_order: int = 0
    limits: dict[str, Any] = {}
    encoding: dict[str, Any] = {}


class FormatChanged(FormatAdded):
    """A format's description changed; the whole new description."""

    TYPE = "projects.format_changed.v1"


class CategoryAdded(_Fact):
    """A template category entered the catalogue."""

    TYPE = "projects.category_added.v1"
    name: str
    slug: str
    description: str | None = None
    icon: str | None = None
    parent_id: UUID | None = None
    is_active: bool = True
    sort_order: int = 0


class TemplateSaved(_Fact):
    """A template was created or edited; the whole new template."""

    TYPE = "projects.template_saved.v1"
    SEALED = (
        "/name",
        "/description",
        "/tags",
        "/templateData",
        "/aiPrompts",
        "/placeholders",
    )
    name: str | None = None
    description: str | None = None
    slug: str | None = None
    category_id: UUID
    tags: list[str] | None = None
    social_format_id: UUID
    template_data: dict[str, Any] | None = None
    ai_prompts: dict[str, Any] | None = None
    placeholders: list[dict[str, Any]] | None = None
    created_by: str | None = None
    team_id: UUID | None = None
    visibility: str = "public"
    is_active: bool = True
    is_featured: bool = False


# Project -------------------------------------------------------------------------------------


class ProjectCreated(_Fact):
    """A project began. The owner and the canvases may read it from here on."""

    TYPE = "projects.project_created.v1"
    SEALED = (
        "/name",
        "/description",
        "/canvases/*/name",
        "/canvases/*/config/backgroundImage",
        "/customizations",
    )
    name: str | None = None
    description: str | None = None
    owner_id: str
    team_id: UUID | None = None
    template_id: UUID | None = None
    social_format_id: UUID
    canvases: list[Canvas]
    tracks: list[dict[str, Any]] = []
    active_canvas_id: UUID | None = None
    customizations: dict[str, Any] | None = None


class ProjectEdited(_Fact):
    """Name, description, active canvas or customizations changed."""

    TYPE = "projects.project_edited.v1"
    SEALED = ("/changes/*/before", "/changes/*/after")
    changes: list[Change]


class ProjectDeleted(_Fact):
    """A project is gone; every service drops what belongs to it."""

    TYPE = "projects.project_deleted.v1"
    owner_id: str


class TemplateApplied(_Fact):
    """A template's layers were put on canvases; the elements follow as `element_added`."""

    TYPE = "projects.template_applied.v1"
    SEALED = ("/placeholders",)
    template_id: UUID
    canvas_ids: list[UUID]
    mode: str
    placeholders: dict[str, Any] | None = None


class CanvasAdded(_Fact):
    """A canvas joined the project; its elements follow as `element_added`."""

    TYPE = "projects.canvas_added.v1"
    SEALED = ("/canvas/name", "/canvas/config/backgroundImage")
    canvas: Canvas
    index: int


class CanvasEdited(_Fact):
    """A canvas's name, order, sync switch, config or `checkLayout` changed."""

    TYPE = "projects.canvas_edited.v1"
    SEALED = ("/changes/*/before", "/changes/*/after")
    canvas_id: UUID
    changes: list[Change]


class CanvasDeleted(_Fact):
    """A canvas and its elements are gone."""

    TYPE = "projects.canvas_deleted.v1"
    canvas_id: UUID


class ElementAdded(_Fact):
    """An element appeared on a canvas. `origin` is true on the canvas the person touched."""

    TYPE = "projects.element_added.v1"
    SEALED = ("/element/name", "/element/properties")
    canvas_id: UUID
    element_id: UUID
    sync_group: str | None = None
    element: dict[str, Any]
    origin: bool = True
    layout: dict[str, Any] | None = None


class ElementEdited(_Fact):
    """Properties of one element changed; a synced edit gives one such fact per canvas."""

    TYPE = "projects.element_edited.v1"
    SEALED = ("/changes/*/before", "/changes/*/after")
    canvas_id: UUID
    element_id: UUID
    sync_group: str | None = None
    changes: list[Change]
    origin: bool = True
    overrides: list[str] | None = None
    layout: dict[str, Any] | None = None


class ElementDeleted(_Fact):
    """An element is gone from one canvas."""

    TYPE = "projects.element_deleted.v1"
    canvas_id: UUID
    element_id: UUID
    sync_group: str | None = None
    origin: bool = True


class ExportRequested(_Fact):
    """Someone asked for a file of one canvas, frozen at `documentVersion` (D19)."""

    TYPE = "projects.export_requested.v1"
    SEALED = ("/documentKey", "/settings/metadata")
    export_id: UUID
    user_id: str
    canvas_id: UUID
    social_format_id: UUID
    document_hash: str
    document_version: int
    document_key: str | None = None
    settings: dict[str, Any]


class AiGenerationApplied(_Fact):
    """A generation's result was written into an element."""

    TYPE = "projects.ai_generation_applied.v1"
    generation_id: UUID
    canvas_id: UUID
    element_id: UUID


class AiGenerationApplyRefused(_Fact):
    """A generation could not be applied, and why (a code)."""

    TYPE = "projects.ai_generation_apply_refused.v1"
    generation_id: UUID
    element_id: UUID
    reason: str


MESSAGES: tuple[type[MessageData], ...] = (
    FormatAdded,
    FormatChanged,
    CategoryAdded,
    TemplateSaved,
    ProjectCreated,
    ProjectEdited,
    ProjectDeleted,
    TemplateApplied,
    CanvasAdded,
    CanvasEdited,
    CanvasDeleted,
    ElementAdded,
    ElementEdited,
    ElementDeleted,
    ExportRequested,
    AiGenerationApplied,
    AiGenerationApplyRefused,
)
