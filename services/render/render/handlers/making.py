"""Making one file: fetch, render in the jail, store, tell what came of it."""

import asyncio
import logging
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from pydantic import ValidationError

import objects
from auth.sealing import SealBroken
from eventlog import AggregateNotFound, Answer, Sealer, Unit
from objects import ObjectMissing
from render.adapters.job_process import FinishedFile, RenderRefused, Step, Wrap, render_in_process
from render.domain.export import Export
from render.handlers.desk import Desk
from render.projections import queue, results
from render.projections.formats import FormatNeeds, needs_of
from render.projections.queue import Job
from render.projections.results import Result
from render.renderer import ExportSettings, fingerprint
from runtime.context import Context
from runtime.ids import event_id
from scene.document import Document

log = logging.getLogger(__name__)

OnStep = Callable[[Step], None]


@dataclass(frozen=True)
class Workshop:
    """What making a file needs beside the desk. `wrap` puts a command into the jail."""

    desk: Desk
    sealer: Sealer
    wrap: Wrap
    folder: Path | None


async def make(workshop: Workshop, job: Job, on_step: OnStep) -> None:
    """Brings a claimed job to its end, told as Completed or Failed.

    Raises what is not the job's fault (stores away) and `ProcessDied`, to be tried again.
    """
    await _tell(workshop.desk, job, lambda export: export.start(job.attempts))
    folder = Path(tempfile.mkdtemp(prefix=f"export-{job.id}-", dir=workshop.folder))
    try:
        result, reused, key = await _produce(workshop, job, folder, on_step)
    except RenderRefused as refused:
        code, message = refused.code, refused.message
        await _tell(workshop.desk, job, lambda export: export.fail(code, message))
        return
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    await _keep(workshop.desk, job, result, key, reused=reused)


async def _produce(
    workshop: Workshop, job: Job, folder: Path, on_step: OnStep
) -> tuple[Result, bool, str]:
    document = await _document(workshop, job)
    needs = await needs_of(workshop.desk.pools.worker, job.social_format_id)
    settings = _settings(job, needs, document)
    if not needs.supports_video:
        canvas = document.canvas.model_copy(update={"is_static": True})
        document = document.model_copy(update={"canvas": canvas})
    key = await asyncio.to_thread(fingerprint, document, settings)
    async with workshop.desk.pools.worker.acquire() as connection:
        known = await results.find(connection, job.project_id, key)
    if known is not None and await workshop.desk.store.size(known.bucket, known.output_key):
        return known, True, key
    await _fetch_assets(workshop.desk, document, folder / "assets")
    (folder / "document.json").write_bytes(document.to_json())
    (folder / "job.json").write_text(settings.model_dump_json(by_alias=True))
    finished = await render_in_process(folder, workshop.wrap, on_step)
    _check_size(finished, settings, needs)
    return await _store(workshop.desk, job, key, finished), False, key


async def _document(workshop: Workshop, job: Job) -> Document:
    if job.document_key is None:
        raise RenderRefused("erased", "The design was erased.")
    try:
        sealed = await workshop.desk.store.get(objects.PROJECTS, job.document_key)
        plain = await workshop.sealer.decrypt(sealed, job.document_key.encode())
    except ObjectMissing:
        raise RenderRefused("document_missing", "The design is no longer there.") from None
    except SealBroken:
        raise RenderRefused("document_broken", "The frozen design was damaged.") from None
    if plain is None:
        raise RenderRefused("erased", "The design was erased.")
    try:
        return Document.from_json(plain)
    except ValueError as error:
        log.warning("an unreadable frozen document", extra={"export": str(job.id)})
        raise RenderRefused("document_unreadable", "The design cannot be read.") from error


def _settings(job: Job, needs: FormatNeeds, document: Document) -> ExportSettings:
    told = {**job.settings}
    if needs.encoding:
        told["encoding"] = {**needs.encoding, **dict(told.get("encoding") or {})}
    try:
        settings = ExportSettings.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        where = "/".join(str(part) for part in first["loc"])
        raise RenderRefused("bad_settings", f"{where}: {first['msg']}") from error
    if settings.is_still:
        return settings.model_copy(update={"max_bytes": needs.image_max_bytes})
    return settings.within(needs.max_file_size, document.duration)


async def _fetch_assets(desk: Desk, document: Document, folder: Path) -> None:
    folder.mkdir()
    used = {
        element.properties.media.src.removeprefix("media:")
        for element in document.elements
        if element.properties.media is not None and not element.is_hidden
    }
    background = document.canvas.config.background_image
    if background is not None:
        used.add(background.removeprefix("media:"))
    for media_id in sorted(one for one in used if not one.startswith("pack:")):
        asset = document.assets.get(media_id)
        if asset is None or asset.object_key is None or asset.bucket is None:
            raise RenderRefused("missing_asset", "A picture or clip of this design is not ready.")
        if asset.provider not in (None, desk.store.provider):
            raise RenderRefused("missing_asset", "A picture or clip lies in another store.")
        try:
            await desk.store.fetch(asset.bucket, asset.object_key, folder / str(UUID(media_id)))
        except ObjectMissing:
            raise RenderRefused(
                "missing_asset", "A picture or clip of this design is no longer there."
            ) from None


def _check_size(finished: FinishedFile, settings: ExportSettings, needs: FormatNeeds) -> None:
    limit = needs.image_max_bytes if settings.is_still else needs.max_file_size
    if limit is not None and finished.file_size > limit:
        raise RenderRefused(
            "too_large",
            f"The file has {finished.file_size:,} bytes; this format takes {limit:,} at most.",
        )


async def _store(desk: Desk, job: Job, key: str, finished: FinishedFile) -> Result:
    stem = f"exports/{job.project_id}/{key}"
    output, thumbnail = f"{stem}/file{finished.path.suffix}", f"{stem}/thumbnail.jpg"
    await desk.store.put(objects.RENDER, output, finished.path, finished.mime_type)
    await desk.store.put(objects.RENDER, thumbnail, finished.thumbnail, "image/jpeg")
    return Result(
        provider=desk.store.provider,
        bucket=objects.RENDER,
        output_key=output,
        thumbnail_key=thumbnail,
        mime_type=finished.mime_type,
        file_size=finished.file_size,
        width=finished.width,
        height=finished.height,
        duration=finished.duration,
        sha256=finished.sha256,
    )


async def _keep(desk: Desk, job: Job, result: Result, key: str, *, reused: bool) -> None:
    context = _context(job)
    millis = await queue.millis_since_start(desk.pools.worker, job, context.now)

    def change(export: Export) -> None:
        export.complete(
            provider=result.provider,
            bucket=result.bucket,
            output_key=result.output_key,
            thumbnail_key=result.thumbnail_key,
            mime_type=result.mime_type,
            file_size=result.file_size,
            width=result.width,
            height=result.height,
            duration=result.duration,
            sha256=result.sha256,
            processing_time=millis,
            reused=reused,
        )

    async def remember(unit: Unit) -> None:
        await results.keep(unit.connection, job.project_id, key, result)

    await _tell(desk, job, change, remember, context)


async def give_up(desk: Desk, job: Job, code: str, message: str) -> None:
    """Ends a job that cannot be made."""
    await _tell(desk, job, lambda export: export.fail(code, message))


async def _tell(
    desk: Desk,
    job: Job,
    change: Callable[[Export], None],
    remember: Callable[[Unit], Awaitable[None]] | None = None,
    context: Context | None = None,
) -> None:
    async def work(unit: Unit) -> Answer:
        # A worker that was thought dead finds its job taken and says nothing.
        if not await queue.is_ours(unit.connection, job):
            return Answer(204)
        try:
            export = await unit.load(Export, job.id)
        except AggregateNotFound:
            return Answer(204)
        if remember is not None:
            await remember(unit)
        change(export)
        unit.record(export)
        return Answer(200)

    await desk.log.run_as_service(context or _context(job), work)


def _context(job: Job) -> Context:
    """The person asked for the file, so the events name them."""
    return Context.for_actor(job.user_id, causation_id=event_id(job.id, 1))
