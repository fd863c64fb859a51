"""`/v1/media/uploads`: presigned upload, straight to the object store."""

from datetime import datetime
from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

import objects
from auth.http import CurrentActor
from eventlog.http import command_request, respond
from media.adapters.file_types import ACCEPTED
from media.commands import BeginUpload, CompleteUpload
from media.domain import refusals
from media.handlers import uploads as handlers
from media.handlers.desk import Desk
from media.projections import uploads as rows
from runtime import http
from runtime.ids import event_id, uuid7

router = APIRouter(tags=["media"])


class NewUpload(http.Request):
    """Announce a file; `fileSize` in bytes. `id` makes a repeated request harmless."""

    id: UUID | None = None
    filename: Annotated[str, Field(min_length=1, max_length=255)]
    mime_type: Annotated[str, Field(max_length=100)]
    file_size: Annotated[int, Field(gt=0)]
    sha256: Annotated[str | None, Field(pattern="^[0-9a-fA-F]{64}$")] = None


class UploadTicket(http.Answer):
    """Where the bytes go: a form of `fields` with the file last, or the bytes with `headers`."""

    id: UUID
    media_id: UUID
    url: str
    method: str
    fields: dict[str, str]
    headers: dict[str, str]
    expires_at: datetime


class UploadState(http.Answer):
    media_id: UUID
    status: str
    reason: str | None = None


def desk_of(request: Request) -> Desk:
    return cast(Desk, request.app.state.desk)


@router.post("/v1/media/uploads", status_code=201)
async def begin_upload(body: NewUpload, request: Request, actor: CurrentActor) -> UploadTicket:
    desk = desk_of(request)
    context, key = await command_request(request, actor.user_id)
    # A repeated request without an id of its own gets the same upload again, freshly signed.
    repeated = event_id(f"{actor.user_id}:{key.key}", 0) if key else uuid7()
    command = BeginUpload(
        upload_id=body.id or repeated,
        user_id=actor.user_id,
        filename=body.filename,
        mime_type=body.mime_type,
        file_size=body.file_size,
        sha256=body.sha256,
    )
    upload = await handlers.begin_upload(desk, command, context)
    signed = desk.store.sign_upload(
        objects.MEDIA,
        upload.object_key,
        content_type=upload.mime_type,
        max_bytes=min(upload.file_size, ACCEPTED[upload.mime_type].max_bytes),
        seconds=desk.upload_seconds,
    )
    return UploadTicket(
        id=upload.id,
        media_id=upload.media_id,
        url=signed.url,
        method=signed.method,
        fields=signed.fields,
        headers=signed.headers,
        expires_at=upload.expires_at,
    )


@router.get("/v1/media/uploads/{upload_id}")
async def read_upload(upload_id: UUID, request: Request, actor: CurrentActor) -> UploadState:
    async with desk_of(request).reading(actor.user_id) as connection:
        upload = await rows.one(connection, upload_id)
    if upload is None:
        raise refusals.unknown_upload()
    return UploadState(media_id=upload.media_id, status=upload.status, reason=upload.reason)


@router.post("/v1/media/uploads/{upload_id}/complete", response_model=UploadState)
async def complete_upload(upload_id: UUID, request: Request, actor: CurrentActor) -> Response:
    context, key = await command_request(request, actor.user_id)
    command = CompleteUpload(upload_id=upload_id, user_id=actor.user_id)
    return respond(await handlers.complete_upload(desk_of(request), command, context, key))


@router.delete("/v1/media/uploads/{upload_id}", status_code=204)
async def cancel_upload(upload_id: UUID, request: Request, actor: CurrentActor) -> Response:
    await handlers.cancel_upload(desk_of(request), upload_id, actor.user_id)
    return Response(status_code=204)
