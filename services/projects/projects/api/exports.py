"""`/v1/projects/{id}/preflight` and `/exports`: is it ready, and make the files."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from auth.http import CurrentActor
from eventlog import Answer
from eventlog.awaiting import require_caught_up
from projects.api.door import Call, commanded, desk_of, reader
from projects.commands import ExportWish
from projects.domain.json_values import JsonObject
from projects.handlers.checking import preflight
from projects.handlers.exports import request_exports

router = APIRouter(tags=["exports"])


@router.get("/v1/projects/{project_id}/preflight")
async def get_preflight(project_id: UUID, request: Request, actor: CurrentActor) -> JsonObject:
    """Findings of every canvas; errors forbid an export."""
    await require_caught_up(request, str(project_id))
    found = await preflight(desk_of(request), reader(actor.user_id), project_id)
    return {"items": found, "nextCursor": None}


@router.post("/v1/projects/{project_id}/exports", status_code=202, response_model=None)
async def ask_for_files(
    project_id: UUID, body: ExportWish, request: Request, actor: CurrentActor
) -> Response:
    """One file per canvas, of exactly this version. 409 carries the findings that forbid it."""

    async def run(call: Call) -> Answer:
        return await request_exports(
            desk_of(request),
            call.context,
            project_id,
            body,
            expected=call.expected,
            idempotency=call.idempotency,
        )

    return await commanded(request, actor.user_id, project_id, run)
