"""`/v1/exports` and `/v1/projects/{id}/exports`: see, stop, start again, fetch, remove."""

from datetime import datetime
from typing import Annotated, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from auth.http import CurrentActor
from auth.project_access import role_of
from eventlog import awaiting
from eventlog.http import command_request, respond
from render.api.shapes import ProjectExport, shown
from render.commands import CancelExport, DeleteExport, DownloadExport, RetryExport
from render.domain import refusals
from render.handlers import exports as handlers
from render.handlers.desk import Desk
from render.projections import exports as rows
from runtime.cursors import Cursors, Page

router = APIRouter(tags=["exports"])

Limit = Annotated[int, Query(ge=1, le=100)]
Status = Literal["pending", "processing", "completed", "failed", "cancelled"]


def desk_of(request: Request) -> Desk:
    return cast(Desk, request.app.state.desk)


@router.get("/v1/exports")
async def list_exports(
    request: Request,
    response: Response,
    actor: CurrentActor,
    status: Status | None = None,
    project_id: Annotated[UUID | None, Query(alias="projectId")] = None,
    canvas_id: Annotated[UUID | None, Query(alias="canvasId")] = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[ProjectExport]:
    await awaiting.is_behind(request, response)
    return await _page(request, actor.user_id, status, project_id, canvas_id, limit, cursor)


@router.get("/v1/projects/{project_id}/exports")
async def list_project_exports(
    project_id: UUID,
    request: Request,
    response: Response,
    actor: CurrentActor,
    status: Status | None = None,
    canvas_id: Annotated[UUID | None, Query(alias="canvasId")] = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[ProjectExport]:
    await awaiting.require_caught_up(request, str(project_id))
    async with desk_of(request).reading(actor.user_id) as connection:
        if await role_of(connection, project_id) is None:
            raise refusals.unknown_project()
    return await _page(request, actor.user_id, status, project_id, canvas_id, limit, cursor)


async def _page(
    request: Request,
    user_id: str,
    status: str | None,
    project_id: UUID | None,
    canvas_id: UUID | None,
    limit: int,
    cursor: str | None,
) -> Page[ProjectExport]:
    desk, cursors = desk_of(request), cast(Cursors, request.app.state.cursors)
    purpose = f"exports|{user_id}|{status}|{project_id}|{canvas_id}"
    after: tuple[datetime, UUID] | None = None
    if cursor:
        time, last_id = cursors.read(cursor, purpose=purpose)
        after = datetime.fromisoformat(time), UUID(last_id)
    async with desk.reading(user_id) as connection:
        found = await rows.page(
            connection,
            status=status,
            project_id=project_id,
            canvas_id=str(canvas_id) if canvas_id else None,
            after=after,
            limit=limit + 1,
        )
    page = found[:limit]
    position = [page[-1].created_at.isoformat(), str(page[-1].id)] if page else []
    return Page[ProjectExport](
        items=[shown(row, desk.store) for row in page],
        next_cursor=cursors.sign(position, purpose=purpose) if len(found) > limit else None,
    )


@router.get("/v1/exports/{export_id}")
async def read_export(
    export_id: UUID, request: Request, response: Response, actor: CurrentActor
) -> ProjectExport:
    """An export just asked for may still be on its way from projects: then 503, not 404."""
    desk = desk_of(request)
    async with desk.reading(actor.user_id) as connection:
        row = await rows.one(connection, export_id)
    if row is None:
        if await awaiting.is_behind(request, response):
            await awaiting.require_caught_up(request)
        async with desk.reading(actor.user_id) as connection:
            row = await rows.one(connection, export_id)
    if row is None:
        raise refusals.unknown_export()
    return shown(row, desk.store)


@router.post("/v1/exports/{export_id}/cancel", status_code=202)
async def cancel_export(export_id: UUID, request: Request, actor: CurrentActor) -> Response:
    context, key = await command_request(request, actor.user_id)
    command = CancelExport(export_id=export_id, user_id=actor.user_id)
    return respond(await handlers.cancel_export(desk_of(request), command, context, key))


@router.post("/v1/exports/{export_id}/retry", status_code=202)
async def retry_export(export_id: UUID, request: Request, actor: CurrentActor) -> Response:
    context, key = await command_request(request, actor.user_id)
    command = RetryExport(export_id=export_id, user_id=actor.user_id)
    return respond(await handlers.retry_export(desk_of(request), command, context, key))


@router.get("/v1/exports/{export_id}/download", status_code=302)
async def download_export(export_id: UUID, request: Request, actor: CurrentActor) -> Response:
    """Counted once per Idempotency-Key; a request without one counts by itself."""
    context, key = await command_request(request, actor.user_id)
    request_key = key.key if key is not None else str(context.command_id)
    command = DownloadExport(export_id=export_id, user_id=actor.user_id, request_key=request_key)
    url = await handlers.download_export(desk_of(request), command, context)
    return RedirectResponse(url, status_code=302, headers={"Cache-Control": "no-store"})


@router.delete("/v1/exports/{export_id}", status_code=204)
async def delete_export(export_id: UUID, request: Request, actor: CurrentActor) -> Response:
    context, key = await command_request(request, actor.user_id)
    command = DeleteExport(export_id=export_id, user_id=actor.user_id)
    return respond(await handlers.delete_export(desk_of(request), command, context, key))
