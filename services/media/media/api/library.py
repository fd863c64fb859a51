"""`/v1/media`: the caller's files. URLs are signed when they are read, and expire."""

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

import objects
from auth.http import CurrentActor
from eventlog.http import command_request, respond
from media.api.uploads import desk_of
from media.commands import DeleteMedia
from media.domain import refusals
from media.handlers import library as handlers
from media.projections import library as rows
from media.projections.library import MediaRow
from objects import ObjectStore
from runtime import clock, http
from runtime.cursors import Cursors, Page

router = APIRouter(tags=["media"])

URL_SECONDS = 300


class Dimensions(http.Answer):
    width: int
    height: int


class Media(http.Answer):
    """A file. Sizes in bytes and pixels, duration in seconds; URLs expire after five minutes."""

    id: UUID
    original_name: str
    mime_type: str
    media_type: str
    file_size: int
    storage_provider: str
    dimensions: Dimensions | None
    duration: float | None
    has_audio: bool
    sha256: str | None
    tags: list[str]
    description: str | None
    usage_count: int
    public_url: str
    thumbnail_url: str | None
    created_at: datetime
    updated_at: datetime


class SignedUrl(http.Answer):
    url: str
    expires_at: datetime


def shown(row: MediaRow, store: ObjectStore) -> Media:
    thumbnail = row.thumbnail_url
    return Media(
        id=row.id,
        original_name=row.original_name,
        mime_type=row.mime_type,
        media_type=row.media_type,
        file_size=row.file_size,
        storage_provider=row.storage_provider,
        dimensions=Dimensions(**row.dimensions) if row.dimensions else None,
        duration=float(row.duration) if row.duration is not None else None,
        has_audio=row.has_audio,
        sha256=row.sha256,
        tags=row.tags,
        description=row.description,
        usage_count=row.usage_count,
        public_url=store.sign_get(objects.MEDIA, row.storage_key, seconds=URL_SECONDS),
        thumbnail_url=store.sign_get(objects.MEDIA, thumbnail, seconds=URL_SECONDS)
        if thumbnail
        else None,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


@router.get("/v1/media")
async def list_media(
    request: Request,
    actor: CurrentActor,
    type: Annotated[Literal["image", "video", "audio"] | None, Query()] = None,  # noqa: A002 - the parameter's public name
    q: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: str | None = None,
) -> Page[Media]:
    desk = desk_of(request)
    cursors: Cursors = request.app.state.cursors
    purpose = f"media|{actor.user_id}|{type}|{q}"
    after: tuple[datetime, UUID] | None = None
    if cursor:
        time, last_id = cursors.read(cursor, purpose=purpose)
        after = datetime.fromisoformat(time), UUID(last_id)
    async with desk.reading(actor.user_id) as connection:
        found = await rows.page(connection, media_type=type, q=q, after=after, limit=limit + 1)
    page = found[:limit]
    more = len(found) > limit
    return Page[Media](
        items=[shown(row, desk.store) for row in page],
        next_cursor=cursors.sign(
            [page[-1].created_at.isoformat(), str(page[-1].id)], purpose=purpose
        )
        if more
        else None,
    )


async def _row(request: Request, user_id: str, media_id: UUID) -> MediaRow:
    async with desk_of(request).reading(user_id) as connection:
        row = await rows.one(connection, media_id)
    if row is None:
        raise refusals.unknown_media()
    return row


@router.get("/v1/media/{media_id}")
async def read_media(media_id: UUID, request: Request, actor: CurrentActor) -> Media:
    return shown(await _row(request, actor.user_id, media_id), desk_of(request).store)


@router.get("/v1/media/{media_id}/url")
async def sign_media(media_id: UUID, request: Request, actor: CurrentActor) -> SignedUrl:
    row = await _row(request, actor.user_id, media_id)
    url = desk_of(request).store.sign_get(objects.MEDIA, row.storage_key, seconds=URL_SECONDS)
    return SignedUrl(url=url, expires_at=clock.now() + timedelta(seconds=URL_SECONDS))


@router.delete("/v1/media/{media_id}", status_code=204)
async def delete_media(media_id: UUID, request: Request, actor: CurrentActor) -> Response:
    context, key = await command_request(request, actor.user_id)
    command = DeleteMedia(media_id=media_id, user_id=actor.user_id)
    return respond(await handlers.delete_media(desk_of(request), command, context, key))
