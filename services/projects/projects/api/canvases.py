"""`/v1/projects/{id}/canvases`: the artboards of a project."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from auth.http import CurrentActor
from eventlog import Answer
from eventlog.http import etag, respond
from projects.api.door import edited, reader
from projects.api.projects import document_at
from projects.commands import AddCanvas, CanvasPatch, DeleteCanvas, EditCanvas, NewCanvas
from projects.domain.canvas_edits import CanvasEdits
from projects.domain.json_values import JsonObject
from runtime.ids import uuid7
from runtime.problems import NotFound

router = APIRouter(tags=["canvases"])


def _with_canvas(edits: CanvasEdits, answer: JsonObject) -> JsonObject:
    """The canvas that was asked about, beside what every edit answers."""
    named: list[JsonObject] = answer["canvases"]
    return {**answer, "canvas": named[0] if named else None}


@router.get("/v1/projects/{project_id}/canvases", response_model=None)
async def list_canvases(project_id: UUID, request: Request, actor: CurrentActor) -> Response:
    whole = await document_at(request, reader(actor.user_id), project_id, None)
    body = {"items": _canvases(whole), "nextCursor": None}
    return respond(Answer(200, body, etag(whole["version"])))


@router.get("/v1/projects/{project_id}/canvases/{canvas_id}", response_model=None)
async def get_canvas(
    project_id: UUID, canvas_id: UUID, request: Request, actor: CurrentActor
) -> Response:
    whole = await document_at(request, reader(actor.user_id), project_id, None)
    for canvas in _canvases(whole):
        if canvas["id"] == str(canvas_id):
            return respond(Answer(200, canvas, etag(whole["version"])))
    raise NotFound("There is no such canvas here.")


@router.post("/v1/projects/{project_id}/canvases", status_code=201, response_model=None)
async def add_canvas(
    project_id: UUID, body: NewCanvas, request: Request, actor: CurrentActor
) -> Response:
    """A canvas for another format; what it takes over is laid out anew for it."""
    wish = body if body.id else body.model_copy(update={"id": uuid7()})
    return await edited(
        request,
        actor.user_id,
        project_id,
        AddCanvas(body=wish),
        status=201,
        shape=_with_canvas,
    )


@router.patch("/v1/projects/{project_id}/canvases/{canvas_id}", response_model=None)
async def edit_canvas(
    project_id: UUID, canvas_id: UUID, body: CanvasPatch, request: Request, actor: CurrentActor
) -> Response:
    """Merge-patch name, order, isActive, syncEnabled, checkLayout and config."""
    step = EditCanvas(canvas_id=canvas_id, body=body)
    return await edited(request, actor.user_id, project_id, step, shape=_with_canvas)


@router.delete("/v1/projects/{project_id}/canvases/{canvas_id}", response_model=None)
async def delete_canvas(
    project_id: UUID, canvas_id: UUID, request: Request, actor: CurrentActor
) -> Response:
    """The canvas and its elements; the last canvas stays (409)."""
    return await edited(request, actor.user_id, project_id, DeleteCanvas(canvas_id=canvas_id))


def _canvases(whole: JsonObject) -> list[JsonObject]:
    configs = whole["projectData"]["canvasConfig"]
    return [
        {**canvas, "order": order, "config": configs.get(canvas["id"], {})}
        for order, canvas in enumerate(whole["canvases"])
    ]
