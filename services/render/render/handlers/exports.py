"""What people do with their exports: cancel, retry, download, delete."""

from collections.abc import Callable
from uuid import UUID

from auth.project_access import role_of
from eventlog import AggregateNotFound, Answer, IdempotencyKey, Unit
from render.commands import CancelExport, DeleteExport, DownloadExport, RetryExport
from render.domain import refusals
from render.domain.export import Export
from render.handlers.desk import Desk
from render.projections import exports as rows
from render.projections.exports import ExportRow
from runtime.context import Context

URL_SECONDS = 300


async def cancel_export(
    desk: Desk, command: CancelExport, context: Context, key: IdempotencyKey | None
) -> Answer:
    """202; its worker stops within two seconds. Raises Refusal."""

    def change(export: Export) -> Answer:
        export.cancel()
        return Answer(202, {"id": str(export.id), "status": "cancelled"})

    return await _change(desk, command.export_id, change, context, key)


async def retry_export(
    desk: Desk, command: RetryExport, context: Context, key: IdempotencyKey | None
) -> Answer:
    """202; it waits for a worker again. Raises Refusal."""

    def change(export: Export) -> Answer:
        export.retry()
        return Answer(202, {"id": str(export.id), "status": "pending"})

    return await _change(desk, command.export_id, change, context, key)


async def delete_export(
    desk: Desk, command: DeleteExport, context: Context, key: IdempotencyKey | None
) -> Answer:
    """204; the file goes with the next sweep. Raises Refusal."""

    def change(export: Export) -> Answer:
        export.delete()
        return Answer(204)

    return await _change(desk, command.export_id, change, context, key)


async def download_export(desk: Desk, command: DownloadExport, context: Context) -> str:
    """A signed URL that saves the file under its name. Whoever sees the export may have it."""
    async with desk.reading(command.user_id) as connection:
        row = await rows.one(connection, command.export_id)
    if row is None:
        raise refusals.unknown_export()

    async def work(unit: Unit) -> Answer:
        export = await _load(unit, command.export_id)
        if await rows.count_download(
            unit.connection, command.export_id, command.user_id, command.request_key
        ):
            export.download()
            unit.record(export)
        return Answer(200)

    if row.status != "completed" or row.output_url is None or row.bucket is None:
        raise refusals.not_completed(row.status)
    await desk.log.run_as_service(context, work)
    name = file_name(row)
    return desk.store.sign_get(row.bucket, row.output_url, seconds=URL_SECONDS, download_as=name)


def file_name(row: ExportRow) -> str:
    """`<title or multicanvas>-<width>x<height>.<format>`."""
    told: dict[str, str] = row.export_settings.get("metadata") or {}
    title = (told.get("title") or "multicanvas").strip()[:80]
    return f"{title}-{row.width}x{row.height}.{row.export_settings.get('format', 'mp4')}"


async def _change(
    desk: Desk,
    export_id: UUID,
    change: Callable[[Export], Answer],
    context: Context,
    key: IdempotencyKey | None,
) -> Answer:
    """One's own export goes through the log's own rights; a colleague's needs a role for it."""

    async def work(unit: Unit) -> Answer:
        export = await _load(unit, export_id)
        answer = change(export)
        unit.record(export)
        return answer

    if await _may_change_for_a_colleague(desk, export_id, context.actor):
        return await desk.log.run_as_service(context, work)
    return await desk.log.run(context, work, idempotency=key)


async def _may_change_for_a_colleague(desk: Desk, export_id: UUID, actor: str) -> bool:
    async with desk.reading(actor) as connection:
        row = await rows.one(connection, export_id)
        if row is None or row.user_id == actor:
            return False
        role = await role_of(connection, row.project_id)
    if role in ("owner", "admin", "editor"):
        return True
    raise refusals.may_not_change()


async def _load(unit: Unit, export_id: UUID) -> Export:
    try:
        export = await unit.load(Export, export_id)
    except AggregateNotFound:
        raise refusals.unknown_export() from None
    if export.is_deleted:
        raise refusals.unknown_export()
    return export
