"""`/v1/projects`: create, list, read, edit, delete, document, template, batch."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from auth.http import CurrentActor
from eventlog import Answer
from eventlog.awaiting import is_behind, require_caught_up
from eventlog.domain import Refusal
from eventlog.http import etag, respond
from projects.adapters import views
from projects.adapters.fold import ProjectRows
from projects.api.door import Call, call_of, commanded, cursors_of, desk_of, edited, reader
from projects.commands import (
    ApplyTemplate,
    Command,
    EditCommand,
    EditProject,
    NewProject,
    ProjectPatch,
    TemplateUse,
)
from projects.domain.json_values import JsonObject
from projects.handlers.create import create_project
from projects.handlers.deletion import delete_project
from projects.projections import projects as rows
from projects.projections.projects import ProjectFilter
from runtime import clock
from runtime.context import Context
from runtime.problems import NotFound

router = APIRouter(tags=["projects"])

DOCUMENT_FORMAT = "multicanvas.project/1"
Status = Literal["draft", "in_progress", "review", "approved", "published", "archived"]


class Batch(Command):
    """Several edits as one step: all or none, one entry in the history."""

    commands: list[EditCommand]


@router.post("/v1/projects", status_code=201, response_model=None)
async def create(body: NewProject, request: Request, actor: CurrentActor) -> Response:
    """A project with a canvas per format, from a template or empty: the whole document."""
    call = await call_of(request, actor.user_id)
    desk = desk_of(request)
    try:
        return respond(await create_project(desk, call.context, body, call.idempotency))
    except Refusal as refusal:
        if refusal.code != "id_taken" or body.id is None:
            raise
        # The client's own id came before: this is the same wish once more.
        whole = await _current(request, call.context, body.id)
        return respond(Answer(201, whole, etag(whole["version"])))


@router.get("/v1/projects", response_model=None)
async def list_projects(
    request: Request,
    response: Response,
    actor: CurrentActor,
    status: Status | None = None,
    team: UUID | None = None,
    archived: bool | None = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 24,
    cursor: str | None = None,
) -> JsonObject:
    """Own and shared projects, newest first, without their elements."""
    await is_behind(request, response)
    wanted = ProjectFilter(status, team, archived, q)
    cursors, purpose = cursors_of(request), f"projects|{actor.user_id}|{wanted}"
    after = cursors.read(cursor, purpose=purpose) if cursor else None
    async with desk_of(request).acting(reader(actor.user_id)) as connection:
        found = await rows.listed(connection, wanted, limit + 1, after)
    following = None
    if len(found) > limit:
        last = found[limit - 1]
        following = cursors.sign([last["createdAt"], last["id"]], purpose=purpose)
    return {"items": [views.summary(one) for one in found[:limit]], "nextCursor": following}


@router.get("/v1/projects/{project_id}", response_model=None)
async def get_project(
    project_id: UUID,
    request: Request,
    actor: CurrentActor,
    version: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """The whole document, as it is or as it was at a version."""
    await require_caught_up(request, str(project_id))
    whole = await document_at(request, reader(actor.user_id), project_id, version)
    return respond(Answer(200, whole, etag(whole["version"])))


@router.get("/v1/projects/{project_id}/document", response_model=None)
async def get_document(
    project_id: UUID,
    request: Request,
    actor: CurrentActor,
    version: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """Our versioned JSON, to keep or to move elsewhere."""
    whole = await document_at(request, reader(actor.user_id), project_id, version)
    body = {
        "format": DOCUMENT_FORMAT,
        "exportedAt": clock.iso(clock.now()),
        "project": whole,
    }
    return respond(Answer(200, body, etag(whole["version"])))


@router.patch("/v1/projects/{project_id}", response_model=None)
async def patch_project(
    project_id: UUID, body: ProjectPatch, request: Request, actor: CurrentActor
) -> Response:
    """Merge-patch name, description, active canvas and customizations."""

    def shape(edits: Any, answer: JsonObject) -> JsonObject:
        return {"id": str(project_id), **edits.project.details, **answer}

    return await edited(request, actor.user_id, project_id, EditProject(body=body), shape=shape)


@router.delete("/v1/projects/{project_id}", status_code=204, response_model=None)
async def delete(project_id: UUID, request: Request, actor: CurrentActor) -> Response:
    """For good: rows, key and every copy elsewhere."""

    async def run(call: Call) -> Answer:
        return await delete_project(
            desk_of(request),
            call.context,
            project_id,
            expected=call.expected,
            idempotency=call.idempotency,
        )

    return await commanded(request, actor.user_id, project_id, run)


@router.post("/v1/projects/{project_id}/commands", response_model=None)
async def batch(project_id: UUID, body: Batch, request: Request, actor: CurrentActor) -> Response:
    """Up to 200 commands as one atomic step."""
    return await edited(request, actor.user_id, project_id, *body.commands)


@router.post("/v1/projects/{project_id}/apply-template", response_model=None)
async def apply_template(
    project_id: UUID, body: TemplateUse, request: Request, actor: CurrentActor
) -> Response:
    """A template's layers on some canvases or all; 422 names each placeholder that is wrong."""
    return await edited(request, actor.user_id, project_id, ApplyTemplate(body=body))


async def document_at(
    request: Request, context: Context, project_id: UUID, version: int | None
) -> JsonObject:
    """Raises NotFound for a project or version that is not there."""
    if version is None:
        return await _current(request, context, project_id)
    log = desk_of(request).log
    await _current(request, context, project_id)
    recorded = await log.history(context, project_id, 0, version)
    past = ProjectRows().follow(recorded)
    if len(recorded) < version or past.project is None:
        raise NotFound(f"There is no version {version}.")
    return views.document(past.project, list(past.elements.values()))


async def _current(request: Request, context: Context, project_id: UUID) -> JsonObject:
    async with desk_of(request).acting(context) as connection:
        found = await rows.load(connection, project_id)
    if found.project is None:
        raise NotFound("There is no such project, or you may not see it.")
    return views.document(found.project, list(found.elements.values()))
