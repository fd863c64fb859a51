"""`/v1/projects/{id}/elements`: what stands on the canvases, and what left its group."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from auth.http import CurrentActor
from eventlog import Answer
from eventlog.http import etag, respond
from projects.api.door import desk_of, edited, reader
from projects.api.projects import document_at
from projects.commands import AddElement, DeleteElement, EditElement, ResetOverrides, Scope
from projects.domain.canvas_edits import CanvasEdits
from projects.domain.json_values import JsonObject
from projects.handlers.reading import overrides_of
from runtime.problems import NotFound

router = APIRouter(tags=["elements"])


class NewElement(BaseModel):
    """An element's own members (TE columns in camelCase), and the canvases it is synced to."""

    model_config = ConfigDict(extra="allow", alias_generator=to_camel, populate_by_name=True)

    canvas_id: UUID
    sync_to: list[UUID] | Literal["all"] | None = None


def _with_element(edits: CanvasEdits, answer: JsonObject) -> JsonObject:
    """The element that was asked about, beside what every edit answers."""
    named: list[JsonObject] = answer["elements"]
    return {**answer, "element": named[0] if named else None}


@router.get("/v1/projects/{project_id}/elements", response_model=None)
async def list_elements(
    project_id: UUID,
    request: Request,
    actor: CurrentActor,
    canvas_id: Annotated[UUID | None, Query(alias="canvasId")] = None,
    kind: Annotated[str | None, Query(alias="type")] = None,
    track: int | None = None,
    sync_group: Annotated[str | None, Query(alias="syncGroup")] = None,
    version: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """Elements in the order of tracks and time."""
    whole = await document_at(request, reader(actor.user_id), project_id, version)
    wanted: dict[str, Any] = {
        "canvasId": None if canvas_id is None else str(canvas_id),
        "type": kind,
        "trackIndex": track,
        "syncGroup": sync_group,
    }
    found = [
        element
        for element in whole["projectData"]["timeline"]["elements"]
        if all(value is None or element[name] == value for name, value in wanted.items())
    ]
    body = {"items": found, "nextCursor": None}
    return respond(Answer(200, body, etag(whole["version"])))


@router.get("/v1/projects/{project_id}/elements/{element_id}", response_model=None)
async def get_element(
    project_id: UUID, element_id: UUID, request: Request, actor: CurrentActor
) -> Response:
    whole = await document_at(request, reader(actor.user_id), project_id, None)
    for element in whole["projectData"]["timeline"]["elements"]:
        if element["id"] == str(element_id):
            return respond(Answer(200, element, etag(whole["version"])))
    raise NotFound("There is no such element here.")


@router.post("/v1/projects/{project_id}/elements", status_code=201, response_model=None)
async def add_element(
    project_id: UUID, body: NewElement, request: Request, actor: CurrentActor
) -> Response:
    """An element, with siblings in one sync group on the canvases of `syncTo`."""
    element = {**(body.model_extra or {}), "canvasId": str(body.canvas_id)}
    step = AddElement(element=element, sync_to=body.sync_to)
    return await edited(request, actor.user_id, project_id, step, status=201, shape=_with_element)


@router.patch("/v1/projects/{project_id}/elements/{element_id}", response_model=None)
async def edit_element(
    project_id: UUID,
    element_id: UUID,
    patch: Annotated[dict[str, Any], Body()],
    request: Request,
    actor: CurrentActor,
    scope: Scope = "group",
) -> Response:
    """RFC 7396 on the element; with scope `canvas` the properties stop following the group."""
    step = EditElement(element_id=element_id, scope=scope, patch=patch)
    return await edited(request, actor.user_id, project_id, step, shape=_with_element)


@router.delete("/v1/projects/{project_id}/elements/{element_id}", response_model=None)
async def delete_element(
    project_id: UUID,
    element_id: UUID,
    request: Request,
    actor: CurrentActor,
    scope: Scope = "group",
) -> Response:
    """The element; with scope `group` its siblings too."""
    step = DeleteElement(element_id=element_id, scope=scope)
    return await edited(request, actor.user_id, project_id, step)


@router.get("/v1/projects/{project_id}/elements/{element_id}/overrides", response_model=None)
async def list_overrides(
    project_id: UUID, element_id: UUID, request: Request, actor: CurrentActor
) -> Response:
    """What differs from the group, with what the group says."""
    desk = desk_of(request)
    found, version = await overrides_of(desk, reader(actor.user_id), project_id, str(element_id))
    return respond(Answer(200, {"items": found, "nextCursor": None}, etag(version)))


@router.delete("/v1/projects/{project_id}/elements/{element_id}/overrides", response_model=None)
async def reset_overrides(
    project_id: UUID,
    element_id: UUID,
    request: Request,
    actor: CurrentActor,
    properties: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response:
    """Follow the group again: in the named properties (comma separated), or in all."""
    named = None if properties is None else [p for p in properties.split(",") if p]
    step = ResetOverrides(element_id=element_id, properties=named)
    return await edited(request, actor.user_id, project_id, step, shape=_with_element)
