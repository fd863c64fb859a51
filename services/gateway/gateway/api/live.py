"""Live feeds: `GET /v1/projects/{id}/live` and `GET /v1/live`, Server-Sent Events."""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Request

from gateway.api import sse
from gateway.api.front import AtFront
from gateway.api.project_stream import ProjectStream
from gateway.api.user_stream import UserStream
from runtime import metrics

router = APIRouter(tags=["live"])

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}
}

LastEventId = Annotated[str | None, Header(alias="Last-Event-ID")]


@router.get("/v1/projects/{project_id}/live", response_class=sse.EventStream, responses=_STREAM)
async def project_live(
    project_id: UUID, request: Request, front: AtFront, last_event_id: LastEventId = None
) -> sse.EventStream:
    """Everything that happens in a project; `id` is its version. Progress of exports has none."""
    stream = ProjectStream(front, request, str(project_id))
    subscriber = await stream.open(sse.position_of(last_event_id))
    return sse.EventStream(_counted(stream.events(subscriber)))


@router.get("/v1/live", response_class=sse.EventStream, responses=_STREAM)
async def user_live(
    request: Request, front: AtFront, last_event_id: LastEventId = None
) -> sse.EventStream:
    """The caller's exports, generations and files; `id` is a position kept for seven days."""
    stream = UserStream(front, request)
    subscriber = await stream.open(sse.position_of(last_event_id))
    return sse.EventStream(_counted(stream.events(subscriber)))


async def _counted(events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    gauge = metrics.LIVE_CLIENTS.labels("gateway")
    gauge.inc()
    try:
        async for event in events:
            yield event
    finally:
        gauge.dec()
