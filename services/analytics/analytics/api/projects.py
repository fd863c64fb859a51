"""`/v1/analytics/projects/{id}` and `/v1/projects/{id}/activity`."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from analytics import handlers
from analytics.commands import RecordActivity
from analytics.handlers import Desk
from analytics.projections import project_totals, trail
from auth.http import CurrentActor
from auth.project_access import role_of
from eventlog import awaiting
from eventlog.http import command_request, respond
from runtime import clock, http
from runtime.cursors import Cursors, Page
from runtime.ids import event_id, uuid7
from runtime.problems import NotFound, Unavailable

router = APIRouter(tags=["analytics"])

SERIES_DAYS = 30


class Totals(http.Answer):
    """Commands are what people see as steps; a synced edit is one command and several events.

    Export bytes and milliseconds are sums over finished exports.
    """

    commands: int = 0
    events: int = 0
    elements_added: int = 0
    elements_edited: int = 0
    elements_deleted: int = 0
    templates_applied: int = 0
    ai_texts: int = 0
    ai_images: int = 0
    exports_requested: int = 0
    exports_started: int = 0
    exports_completed: int = 0
    exports_failed: int = 0
    export_bytes: int = 0
    export_millis: int = 0
    first_event_at: datetime | None = None
    last_event_at: datetime | None = None


class DayCount(http.Answer):
    day: date
    event_type: str
    events: int


class ProjectAnalytics(http.Answer):
    """`asOf`: the event time up to which the log was counted."""

    project_id: UUID
    as_of: datetime | None
    totals: Totals
    series: list[DayCount]


class TrailEntry(http.Answer):
    id: UUID
    project_id: UUID
    user_id: str
    event_type: str
    event_data: dict[str, Any] | None
    canvas_id: str | None
    element_id: str | None
    session_id: str | None
    created_at: datetime


class NewActivity(http.Request):
    type: Literal["project_opened", "project_saved"]
    session_id: Annotated[str | None, Field(max_length=200)] = None


class Recorded(http.Answer):
    id: UUID


def desk_of(request: Request) -> Desk:
    return cast(Desk, request.app.state.desk)


async def _check(request: Request, user_id: str, project_id: UUID, *, behind: bool) -> None:
    """Raises NotFound for what the caller may not see, Unavailable while that may still change."""
    async with desk_of(request).reading(user_id) as connection:
        if await role_of(connection, project_id) is None:
            if behind:
                raise Unavailable("This project is still on its way here.", retry_after_seconds=1)
            raise NotFound()


@router.get("/v1/analytics/projects/{project_id}")
async def read_project(
    project_id: UUID, request: Request, response: Response, actor: CurrentActor
) -> ProjectAnalytics:
    behind = await awaiting.is_behind(request, response, [str(project_id)])
    await _check(request, actor.user_id, project_id, behind=behind)
    async with desk_of(request).reading(actor.user_id) as connection:
        sums, as_of = await project_totals.of_project(connection, project_id)
        since = clock.now() - timedelta(days=SERIES_DAYS)
        days = await trail.series(connection, project_id, since)
    return ProjectAnalytics(
        project_id=project_id,
        as_of=as_of,
        totals=Totals(**{name: sums[name] for name in Totals.model_fields}) if sums else Totals(),
        series=[DayCount(day=d.day, event_type=d.event_type, events=d.events) for d in days],
    )


@router.get("/v1/analytics/projects/{project_id}/events")
async def list_events(
    project_id: UUID,
    request: Request,
    response: Response,
    actor: CurrentActor,
    event_type: Annotated[str | None, Query(alias="eventType")] = None,
    user_id: Annotated[str | None, Query(alias="userId")] = None,
    canvas_id: Annotated[str | None, Query(alias="canvasId")] = None,
    since: Annotated[datetime | None, Query(alias="from")] = None,
    until: Annotated[datetime | None, Query(alias="to")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: str | None = None,
) -> Page[TrailEntry]:
    behind = await awaiting.is_behind(request, response, [str(project_id)])
    await _check(request, actor.user_id, project_id, behind=behind)
    wanted = trail.Filter(event_type, user_id, canvas_id, since, until)
    cursors: Cursors = request.app.state.cursors
    purpose = f"trail|{actor.user_id}|{project_id}|{wanted}"
    after: tuple[datetime, UUID] | None = None
    if cursor:
        time, last_id = cursors.read(cursor, purpose=purpose)
        after = datetime.fromisoformat(time), UUID(last_id)
    async with desk_of(request).reading(actor.user_id) as connection:
        found = await trail.page(connection, project_id, wanted, after=after, limit=limit + 1)
    page = found[:limit]
    position = [page[-1].created_at.isoformat(), str(page[-1].id)] if page else []
    return Page[TrailEntry](
        items=[TrailEntry.model_validate(row, from_attributes=True) for row in page],
        next_cursor=cursors.sign(position, purpose=purpose) if len(found) > limit else None,
    )


@router.post("/v1/projects/{project_id}/activity", status_code=202, response_model=Recorded)
async def record_activity(
    project_id: UUID, body: NewActivity, request: Request, actor: CurrentActor
) -> Response:
    await awaiting.require_caught_up(request, str(project_id))
    context, key = await command_request(request, actor.user_id)
    command = RecordActivity(
        activity_id=event_id(f"{actor.user_id}:{key.key}", 0) if key else uuid7(),
        project_id=project_id,
        user_id=actor.user_id,
        activity=body.type,
        session_id=body.session_id,
    )
    return respond(await handlers.record_activity(desk_of(request), command, context))
