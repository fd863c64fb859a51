"""What people ask of a project: one HTTP edit is a batch of one, `/commands` takes several."""

from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from scene.elements import FillText, Source

Scope: TypeAlias = Literal["group", "canvas"]
Json: TypeAlias = dict[str, Any]


class Command(BaseModel):
    """Frozen, camelCase, nothing unknown."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True
    )


class Customizations(Command):
    """A project's own colours, fonts and brand assets (J09)."""

    colors: list[str] | None = None
    fonts: list[str] | None = None
    brand_assets: list[str] | None = None


class NewProject(Command):
    """`formats` are slugs or ids; placeholders are the template's, by their ids."""

    id: UUID | None = None
    name: Annotated[str, Field(min_length=1, max_length=200)]
    description: Annotated[str, Field(max_length=5000)] | None = None
    formats: Annotated[list[str], Field(min_length=1, max_length=50)]
    template_id: str | None = None
    placeholders: Json | None = None
    team_id: UUID | None = None
    customizations: Customizations | None = None


class ProjectPatch(Command):
    """A merge patch: null clears what may be empty."""

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    description: Annotated[str, Field(max_length=5000)] | None = None
    active_canvas_id: UUID | None = None
    customizations: Customizations | None = None


class CanvasConfigPatch(Command):
    """J10, every member optional."""

    background_color: FillText | None = None
    background_image: Source | None = None
    safe_zone_visible: bool | None = None
    grid_visible: bool | None = None
    snap_to_grid: bool | None = None
    grid_size: Annotated[float, Field(gt=0, le=1000)] | None = None


class NewCanvas(Command):
    """`format` is a slug or an id; `copyFrom` a canvas whose elements are taken over."""

    id: UUID | None = None
    format: str
    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    copy_from: UUID | None = None


class CanvasPatch(Command):
    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    order: Annotated[int, Field(ge=0, le=49)] | None = None
    is_active: bool | None = None
    sync_enabled: bool | None = None
    check_layout: bool | None = None
    config: CanvasConfigPatch | None = None


class TemplateUse(Command):
    """Put a template's layers on canvases."""

    template_id: str
    canvas_ids: list[UUID] | Literal["all"] = "all"
    placeholders: Json | None = None
    mode: Literal["replace", "add"] = "replace"


class AddElement(Command):
    type: Literal["add_element"] = "add_element"
    element: Json
    sync_to: list[UUID] | Literal["all"] | None = None


class EditElement(Command):
    type: Literal["edit_element"] = "edit_element"
    element_id: UUID
    scope: Scope = "group"
    patch: Json


class DeleteElement(Command):
    type: Literal["delete_element"] = "delete_element"
    element_id: UUID
    scope: Scope = "group"


class ResetOverrides(Command):
    type: Literal["reset_overrides"] = "reset_overrides"
    element_id: UUID
    properties: list[str] | None = None


class AddCanvas(Command):
    type: Literal["add_canvas"] = "add_canvas"
    body: NewCanvas


class EditCanvas(Command):
    type: Literal["edit_canvas"] = "edit_canvas"
    canvas_id: UUID
    body: CanvasPatch


class DeleteCanvas(Command):
    type: Literal["delete_canvas"] = "delete_canvas"
    canvas_id: UUID


class ApplyTemplate(Command):
    type: Literal["apply_template"] = "apply_template"
    body: TemplateUse


class EditProject(Command):
    type: Literal["edit_project"] = "edit_project"
    body: ProjectPatch


EditCommand: TypeAlias = Annotated[
    AddElement
    | EditElement
    | DeleteElement
    | ResetOverrides
    | AddCanvas
    | EditCanvas
    | DeleteCanvas
    | ApplyTemplate
    | EditProject,
    Field(discriminator="type"),
]


class Size(Command):
    """Pixels."""

    width: Annotated[int, Field(ge=16, le=8192)]
    height: Annotated[int, Field(ge=16, le=8192)]


class Watermark(Command):
    enabled: bool
    position: Literal["top-left", "top-right", "bottom-left", "bottom-right", "center"] = (
        "bottom-right"
    )
    opacity: Annotated[float, Field(ge=0, le=1)] = 0.5


class FileMetadata(Command):
    title: Annotated[str, Field(max_length=200)] = ""
    description: Annotated[str, Field(max_length=5000)] = ""
    tags: Annotated[list[str], Field(max_length=50)] = []


class ExportSettings(Command):
    """J21; `resolution` is the canvas's own size when left out, `bitrate` in kbit/s."""

    format: Literal["mp4", "mov", "webm", "gif", "png", "jpg"]
    quality: Literal["low", "medium", "high", "ultra"] = "high"
    fps: Annotated[float, Field(ge=1, le=120)] | None = None
    bitrate: Annotated[float, Field(ge=100, le=200_000)] | None = None
    resolution: Size | None = None
    watermark: Watermark | None = None
    metadata: FileMetadata | None = None
    include_audio: bool = True


class ExportWish(Command):
    """One file per canvas."""

    canvas_ids: list[UUID] | Literal["all"]
    settings: ExportSettings
