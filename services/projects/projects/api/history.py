"""`/v1/projects/{id}/events`: who did what, when, and why."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from auth.http import CurrentActor
from eventlog.awaiting import require_caught_up
from projects.adapters import standing
from projects.api.door import desk_of, reader
from projects.domain.json_values import JsonObject
from projects.projections.history import as_shown

router = APIRouter(tags=["history"])


@router.get("/v1/projects/{project_id}/events")
async def list_events(
    project_id: UUID,
    request: Request,
    actor: CurrentActor,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> JsonObject:
    """Events after a version, oldest first. `nextCursor` is the version to ask after next."""
    await require_caught_up(request, str(project_id))
    desk, context = desk_of(request), reader(actor.user_id)
    async with desk.acting(context) as connection:
        await standing.require(connection, project_id, "read")
    found = await desk.log.history(context, project_id, after, limit)
    last = found[-1].event.originator_version if len(found) == limit else None
    return {
        "items": [as_shown(one) for one in found],
        "nextCursor": None if last is None else str(last),
    }
