"""Begin an upload, and complete it: check the bytes, then say that a file exists."""

import asyncio
import hashlib
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import objects
from eventlog import Answer, IdempotencyKey, Unit
from eventlog.domain import Refusal
from media.adapters.file_types import ACCEPTED
from media.adapters.probing import FileRefused, Probed, probe
from media.commands import BeginUpload, CompleteUpload
from media.domain import refusals
from media.domain.asset import Asset, RefusedUpload
from media.handlers.desk import Desk
from media.projections import uploads
from media.projections.uploads import Upload
from runtime.context import Context
from runtime.ids import uuid7
from runtime.jail import Jail


@dataclass(frozen=True)
class Stored:
    """A checked file where it will stay. Sizes in bytes."""

    key: str
    thumbnail_key: str | None
    size: int
    sha256: str


async def begin_upload(desk: Desk, command: BeginUpload, now: Context) -> Upload:
    """Beginning again with the same id gives the same upload. Raises Refusal."""
    _jail(desk)
    kind = ACCEPTED.get(command.mime_type)
    if kind is None:
        raise refusals.type_not_accepted(command.mime_type, sorted(ACCEPTED))
    if command.file_size > kind.max_bytes:
        raise refusals.too_large(kind.max_bytes)
    wanted = Upload(
        id=command.upload_id,
        user_id=command.user_id,
        filename=command.filename,
        mime_type=command.mime_type,
        file_size=command.file_size,
        sha256=command.sha256,
        object_key=f"uploads/{command.upload_id}.{kind.extension}",
        media_id=uuid7(),
        status="pending",
        reason=None,
        expires_at=now.now + timedelta(seconds=desk.upload_seconds),
    )
    async with desk.reading(command.user_id) as connection:
        await uploads.begin(connection, wanted)
        known = await uploads.one(connection, command.upload_id)
    if known is None:  # the id belongs to somebody else, whose row we must not see
        raise refusals.unknown_upload()
    return known


def _jail(desk: Desk) -> Jail:
    if desk.jail is None:
        raise refusals.no_jail()
    return desk.jail


async def complete_upload(
    desk: Desk, command: CompleteUpload, context: Context, key: IdempotencyKey | None
) -> Answer:
    """Check the bytes and keep the file. Raises Refusal; a refused file leaves nothing behind."""
    async with desk.checks:
        upload = await _known(desk, command)
        if upload.status == "ready":
            return _ready(upload)
        if upload.status == "refused":
            raise refusals.upload_refused(upload.reason or "it was refused before")
        size = await desk.store.size(objects.MEDIA, upload.object_key)
        if size is None:
            if context.now >= upload.expires_at:
                raise refusals.upload_expired()
            raise refusals.nothing_uploaded()
        try:
            if size != upload.file_size:
                raise FileRefused(f"it has {size} bytes, {upload.file_size} were announced")
            return await _check_and_keep(desk, upload, context, key)
        except FileRefused as refused:
            await _refuse(desk, upload, str(refused), context)
            raise refusals.upload_refused(str(refused)) from None


async def _known(desk: Desk, command: CompleteUpload) -> Upload:
    """Asked inside the queue of checks: a request sent twice finds what the first one did."""
    async with desk.reading(command.user_id) as connection:
        upload = await uploads.one(connection, command.upload_id)
    if upload is None:
        raise refusals.unknown_upload()
    return upload


async def _check_and_keep(
    desk: Desk, upload: Upload, context: Context, key: IdempotencyKey | None
) -> Answer:
    with tempfile.TemporaryDirectory(prefix="multicanvas-media-") as name:
        folder = Path(name)
        file = folder / "upload"
        await desk.store.fetch(objects.MEDIA, upload.object_key, file)
        if upload.sha256 and upload.sha256.lower() != await asyncio.to_thread(_sha256, file):
            raise FileRefused("its SHA-256 is not the one announced")
        found = await probe(file, upload.mime_type, folder, _jail(desk))
        stored = await _store(desk, upload, found, file)

    async def work(unit: Unit) -> Answer:
        known = await uploads.hold(unit.connection, upload.id)
        if known is None:
            raise refusals.unknown_upload()
        if known.status != "ready":
            unit.record(_asset(desk, upload, found, stored))
            await uploads.finish(unit.connection, upload.id, "ready")
        return _ready(upload)

    try:
        answer = await desk.log.run(context, work, idempotency=key)
    except Refusal:  # given up meanwhile: what was stored a moment ago belongs to nobody
        await desk.store.delete_prefix(objects.MEDIA, upload.home)
        raise
    await desk.store.delete(objects.MEDIA, upload.object_key)
    return answer


async def _store(desk: Desk, upload: Upload, found: Probed, file: Path) -> Stored:
    """Final place: the re-encoded picture, or the clip as it came."""
    final = found.clean or file
    extension = ACCEPTED[upload.mime_type].extension
    key = f"{upload.home}original.{extension}"
    await desk.store.put(objects.MEDIA, key, final, upload.mime_type)
    thumbnail_key = None
    if found.thumbnail is not None:
        thumbnail_key = f"{upload.home}thumbnail.webp"
        await desk.store.put(objects.MEDIA, thumbnail_key, found.thumbnail, "image/webp")
    return Stored(key, thumbnail_key, final.stat().st_size, await asyncio.to_thread(_sha256, final))


def _asset(desk: Desk, upload: Upload, found: Probed, stored: Stored) -> Asset:
    return Asset.ready(
        upload.media_id,
        user_id=upload.user_id,
        media_type=ACCEPTED[upload.mime_type].media_type,
        mime_type=upload.mime_type,
        file_size=stored.size,
        provider=desk.store.provider,
        bucket=objects.MEDIA,
        object_key=stored.key,
        thumbnail_key=stored.thumbnail_key,
        sha256=stored.sha256,
        original_name=upload.filename,
        width=found.width,
        height=found.height,
        duration=found.duration,
        has_audio=found.has_audio,
    )


async def _refuse(desk: Desk, upload: Upload, reason: str, context: Context) -> None:
    await desk.store.delete(objects.MEDIA, upload.object_key)

    async def work(unit: Unit) -> Answer:
        known = await uploads.hold(unit.connection, upload.id)
        if known is not None and known.status == "pending":
            unit.record(RefusedUpload.of(upload.media_id, user_id=upload.user_id, reason=reason))
            await uploads.finish(unit.connection, upload.id, "refused", reason)
        return Answer(204)

    await desk.log.run(context, work)


def _ready(upload: Upload) -> Answer:
    return Answer(200, {"mediaId": str(upload.media_id), "status": "ready"})


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


async def cancel_upload(desk: Desk, upload_id: UUID, user_id: str) -> None:
    """Give an upload up; one that is ready stays as a file of the library."""
    async with desk.reading(user_id) as connection:
        upload = await uploads.one(connection, upload_id)
        if upload is None:
            raise refusals.unknown_upload()
        await uploads.remove(connection, upload_id)
    if upload.status == "pending":
        await desk.store.delete(objects.MEDIA, upload.object_key)
