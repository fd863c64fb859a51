"""Generations over HTTP: `/v1/projects/{id}/ai/…` and `/v1/ai/…`."""

from datetime import datetime
from typing import Annotated, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from ai.api.shapes import (
    Application,
    Generation,
    Judgement,
    NewImage,
    NewText,
    Provider,
    Queued,
    shown,
)
from ai.commands import ApplyGeneration, DeleteGeneration, RateGeneration, RequestGeneration
from ai.domain import refusals
from ai.handlers import generations as handlers
from ai.handlers.desk import Desk
from ai.projections import generations as rows
from auth.http import CurrentActor
from auth.project_access import role_of
from eventlog import awaiting
from eventlog.http import command_request, respond
from runtime.cursors import Cursors, Page
from runtime.ids import uuid7

router = APIRouter(tags=["ai"])


def desk_of(request: Request) -> Desk:
    return cast(Desk, request.app.state.desk)


@router.post("/v1/projects/{project_id}/ai/text", status_code=202, response_model=Queued)
async def request_text(
    project_id: UUID, body: NewText, request: Request, actor: CurrentActor
) -> Response:
    command = RequestGeneration(
        generation_id=body.id or uuid7(),
        project_id=project_id,
        user_id=actor.user_id,
        kind="text",
        provider=body.provider,
        model=body.model,
        prompt=body.prompt,
        context=body.context.model_dump(by_alias=True, exclude_defaults=True, exclude_none=True)
        | {"contentType": body.context.content_type},
        seed=body.seed,
        apply_to=body.apply_to,
    )
    return await _request(command, request)


@router.post("/v1/projects/{project_id}/ai/images", status_code=202, response_model=Queued)
async def request_image(
    project_id: UUID, body: NewImage, request: Request, actor: CurrentActor
) -> Response:
    command = RequestGeneration(
        generation_id=body.id or uuid7(),
        project_id=project_id,
        user_id=actor.user_id,
        kind="image",
        provider=body.provider,
        model=body.model,
        prompt=body.prompt,
        negative_prompt=body.negative_prompt,
        style=body.style,
        width=body.width,
        height=body.height,
        seed=body.seed,
        apply_to=body.apply_to,
    )
    return await _request(command, request)


async def _request(command: RequestGeneration, request: Request) -> Response:
    await awaiting.require_caught_up(request, str(command.project_id))
    context, key = await command_request(request, command.user_id)
    return respond(await handlers.request_generation(desk_of(request), command, context, key))


Limit = Annotated[int, Query(ge=1, le=100)]


@router.get("/v1/projects/{project_id}/ai/text")
async def list_texts(
    project_id: UUID,
    request: Request,
    actor: CurrentActor,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[Generation]:
    await _check_project(request, actor.user_id, project_id)
    return await _page(request, actor.user_id, project_id, "text", None, limit, cursor)


@router.get("/v1/projects/{project_id}/ai/images")
async def list_images(
    project_id: UUID,
    request: Request,
    actor: CurrentActor,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[Generation]:
    await _check_project(request, actor.user_id, project_id)
    return await _page(request, actor.user_id, project_id, "image", None, limit, cursor)


@router.get("/v1/ai/generations")
async def list_generations(
    request: Request,
    actor: CurrentActor,
    kind: Literal["text", "image"] | None = None,
    provider: str | None = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[Generation]:
    return await _page(request, actor.user_id, None, kind, provider, limit, cursor)


async def _check_project(request: Request, user_id: str, project_id: UUID) -> None:
    await awaiting.require_caught_up(request, str(project_id))
    async with desk_of(request).reading(user_id) as connection:
        if await role_of(connection, project_id) is None:
            raise refusals.unknown_project()


async def _page(
    request: Request,
    user_id: str,
    project_id: UUID | None,
    kind: str | None,
    provider: str | None,
    limit: int,
    cursor: str | None,
) -> Page[Generation]:
    desk = desk_of(request)
    cursors: Cursors = request.app.state.cursors
    purpose = f"generations|{user_id}|{project_id}|{kind}|{provider}"
    after: tuple[datetime, UUID] | None = None
    if cursor:
        time, last_id = cursors.read(cursor, purpose=purpose)
        after = datetime.fromisoformat(time), UUID(last_id)
    async with desk.reading(user_id) as connection:
        found = await rows.page(
            connection,
            project_id=project_id,
            kind=kind,
            provider=provider,
            after=after,
            limit=limit + 1,
        )
    page = found[:limit]
    position = [page[-1].created_at.isoformat(), str(page[-1].id)] if page else []
    return Page[Generation](
        items=[shown(row, desk.store) for row in page],
        next_cursor=cursors.sign(position, purpose=purpose) if len(found) > limit else None,
    )


@router.get("/v1/ai/generations/{generation_id}")
async def read_generation(generation_id: UUID, request: Request, actor: CurrentActor) -> Generation:
    desk = desk_of(request)
    async with desk.reading(actor.user_id) as connection:
        row = await rows.one(connection, generation_id)
    if row is None:
        raise refusals.unknown_generation()
    return shown(row, desk.store)


@router.post("/v1/ai/generations/{generation_id}/apply", status_code=202)
async def apply_generation(
    generation_id: UUID, body: Application, request: Request, actor: CurrentActor
) -> Response:
    context, key = await command_request(request, actor.user_id)
    command = ApplyGeneration(
        generation_id=generation_id,
        user_id=actor.user_id,
        element_id=body.element_id,
        alternative=body.alternative,
    )
    return respond(await handlers.apply_generation(desk_of(request), command, context, key))


@router.put("/v1/ai/generations/{generation_id}/rating")
async def rate_generation(
    generation_id: UUID, body: Judgement, request: Request, actor: CurrentActor
) -> Response:
    context, key = await command_request(request, actor.user_id)
    command = RateGeneration(
        generation_id=generation_id,
        user_id=actor.user_id,
        stars=body.stars,
        feedback=body.feedback,
    )
    return respond(await handlers.rate_generation(desk_of(request), command, context, key))


@router.delete("/v1/ai/generations/{generation_id}", status_code=204)
async def delete_generation(generation_id: UUID, request: Request, actor: CurrentActor) -> Response:
    context, key = await command_request(request, actor.user_id)
    command = DeleteGeneration(generation_id=generation_id, user_id=actor.user_id)
    return respond(await handlers.delete_generation(desk_of(request), command, context, key))


@router.get("/v1/ai/providers")
async def list_providers(request: Request, actor: CurrentActor) -> Page[Provider]:
    catalogue = desk_of(request).catalogue
    kinds = {"text": catalogue.texts, "image": catalogue.images}
    names = sorted({name for offered in kinds.values() for name in offered})
    return Page[Provider](
        items=[
            Provider(
                name=name,
                kinds=[kind for kind, offered in kinds.items() if name in offered],
                models={k: list(o[name].models) for k, o in kinds.items() if name in o},
                is_ai=name != "builtin",
            )
            for name in names
        ]
    )
