"""`project_exports` and the state of its job: applied from the export's events, read by people."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from eventlog.domain import DomainEvent
from render.domain.export import Export
from runtime.database import Connection


@dataclass(frozen=True)
class ExportRow:
    """The seed's columns, and what the job knows. `output_url`, `thumbnail_url` are object keys."""

    id: UUID
    project_id: UUID
    user_id: str
    canvas_id: str
    social_format_id: UUID
    export_settings: dict[str, Any]
    status: str
    output_url: str | None
    thumbnail_url: str | None
    file_size: int | None
    duration: Decimal | None
    processing_started_at: datetime | None
    processing_completed_at: datetime | None
    processing_time: int | None
    error_message: str | None
    download_count: int
    last_downloaded_at: datetime | None
    created_at: datetime
    updated_at: datetime
    document_version: int
    document_hash: str
    progress: float
    error_code: str | None
    bucket: str | None
    mime_type: str | None
    width: int | None
    height: int | None
    reused: bool


_SELECT = """
SELECT e.*, j.document_version, j.document_hash, j.progress, j.error_code, j.bucket, j.mime_type,
    j.width, j.height, j.reused
FROM project_exports e JOIN render_jobs j ON j.id = e.id
"""
_PAGE = """
WHERE ($1::text IS NULL OR e.status = $1) AND ($2::uuid IS NULL OR e.project_id = $2)
    AND ($3::text IS NULL OR e.canvas_id = $3)
    AND ($4::timestamptz IS NULL OR (e.created_at, e.id) < ($4, $5))
ORDER BY e.created_at DESC, e.id DESC LIMIT $6
"""


async def one(connection: Connection, export_id: UUID) -> ExportRow | None:
    row = await connection.fetchrow(_SELECT + "WHERE e.id = $1", export_id)
    return ExportRow(**dict(row)) if row else None


async def page(
    connection: Connection,
    *,
    status: str | None,
    project_id: UUID | None,
    canvas_id: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[ExportRow]:
    """Newest first, after the given (created_at, id)."""
    time, last_id = after or (None, None)
    rows = await connection.fetch(
        _SELECT + _PAGE, status, project_id, canvas_id, time, last_id, limit
    )
    return [ExportRow(**dict(row)) for row in rows]


class Exports:
    """The read model inside each command's transaction."""

    async def apply(self, connection: Connection, event: DomainEvent) -> None:
        match event:
            case Export.Created():
                await _add(connection, event)
            case Export.Started():
                await _set(connection, event, "status = 'processing', error_message = NULL,"
                           " processing_started_at = $2")  # fmt: skip
            case Export.Completed():
                await _complete(connection, event)
            case Export.Failed():
                await _set(
                    connection,
                    event,
                    "status = 'failed', error_message = $3, processing_completed_at = $2,"
                    " processing_time = extract(epoch from $2 - processing_started_at) * 1000",
                    event.error_message or "",
                )
                await _over(connection, event, event.code)
            case Export.Cancelled():
                await _set(connection, event, "status = 'cancelled'")
                await _over(connection, event, None)
            case Export.Retried():
                await _retry(connection, event)
            case Export.Downloaded():
                await _set(
                    connection,
                    event,
                    "download_count = $3, last_downloaded_at = $2",
                    event.download_count,
                )
            case Export.Deleted():
                await _delete(connection, event)
            case _:
                pass


async def _add(connection: Connection, fact: Export.Created) -> None:
    await connection.execute(
        """INSERT INTO project_exports (id, project_id, user_id, canvas_id, social_format_id,
               export_settings, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $7)""",
        fact.originator_id,
        fact.project_id,
        fact.user_id,
        str(fact.canvas_id),
        fact.social_format_id,
        fact.settings,
        fact.timestamp,
    )
    await connection.execute(
        """INSERT INTO render_jobs (id, project_id, user_id, document_key, document_hash,
               document_version)
           VALUES ($1, $2, $3, $4, $5, $6)""",
        fact.originator_id,
        fact.project_id,
        fact.user_id,
        fact.document_key,
        fact.document_hash,
        fact.document_version,
    )


async def _set(connection: Connection, fact: DomainEvent, columns: str, *values: object) -> None:
    """`columns` is our own SQL, $2 the fact's time, $3 the first of `values`."""
    await connection.execute(
        f"UPDATE project_exports SET {columns}, updated_at = $2 WHERE id = $1",  # noqa: S608 - our own columns
        fact.originator_id,
        fact.timestamp,
        *values,
    )


async def _over(connection: Connection, fact: DomainEvent, error_code: str | None) -> None:
    await connection.execute(
        """UPDATE render_jobs SET state = 'over', lease = NULL, lease_until = NULL, error_code = $2
           WHERE id = $1""",
        fact.originator_id,
        error_code,
    )


async def _complete(connection: Connection, fact: Export.Completed) -> None:
    await connection.execute(
        """UPDATE project_exports SET status = 'completed', output_url = $2, thumbnail_url = $3,
               file_size = $4, duration = $5, processing_completed_at = $6, updated_at = $6,
               processing_time = $7, error_message = NULL WHERE id = $1""",
        fact.originator_id,
        fact.output_key,
        fact.thumbnail_key,
        fact.file_size,
        Decimal(str(fact.duration)).quantize(Decimal("0.001")),
        fact.timestamp,
        fact.processing_time,
    )
    await connection.execute(
        """UPDATE render_jobs SET state = 'over', lease = NULL, lease_until = NULL, progress = 1,
               error_code = NULL, provider = $2, bucket = $3, mime_type = $4, width = $5,
               height = $6, sha256 = $7, reused = $8 WHERE id = $1""",
        fact.originator_id,
        fact.provider,
        fact.bucket,
        fact.mime_type,
        fact.width,
        fact.height,
        fact.sha256,
        fact.reused,
    )


async def _retry(connection: Connection, fact: Export.Retried) -> None:
    await _set(
        connection,
        fact,
        "status = 'pending', error_message = NULL, processing_started_at = NULL,"
        " processing_completed_at = NULL, processing_time = NULL",
    )
    await connection.execute(
        """UPDATE render_jobs SET state = 'pending', attempts = 0, available_at = now(),
               progress = 0, error_code = NULL, lease = NULL, lease_until = NULL WHERE id = $1""",
        fact.originator_id,
    )


async def _delete(connection: Connection, fact: Export.Deleted) -> None:
    keys = await connection.fetchrow(
        """DELETE FROM project_exports WHERE id = $1 RETURNING output_url""", fact.originator_id
    )
    if keys is not None and keys["output_url"]:
        await doom(connection, [keys["output_url"]])


async def doom(connection: Connection, keys: list[str]) -> None:
    """Their bytes go with the next sweep, unless another export still needs them."""
    await connection.executemany(
        "INSERT INTO doomed_objects (object_key) VALUES ($1) ON CONFLICT DO NOTHING",
        [(key,) for key in keys],
    )


async def remove_project(connection: Connection, project_id: UUID) -> None:
    await connection.execute("DELETE FROM project_exports WHERE project_id = $1", project_id)
    await connection.execute("DELETE FROM render_results WHERE project_id = $1", project_id)
    await doom(connection, [f"exports/{project_id}/"])


async def remove_user(connection: Connection, user_id: str) -> None:
    rows = await connection.fetch(
        "DELETE FROM project_exports WHERE user_id = $1 RETURNING output_url", user_id
    )
    await doom(connection, [row["output_url"] for row in rows if row["output_url"]])


async def unneeded(connection: Connection, limit: int = 100) -> list[str]:
    """Doomed keys that no export refers to any more; kept ones are struck off the list."""
    await connection.execute(
        """DELETE FROM doomed_objects d WHERE EXISTS
               (SELECT FROM project_exports e WHERE e.output_url = d.object_key)"""
    )
    rows = await connection.fetch("SELECT object_key FROM doomed_objects LIMIT $1", limit)
    return [row["object_key"] for row in rows]


async def swept(connection: Connection, key: str) -> None:
    await connection.execute("DELETE FROM doomed_objects WHERE object_key = $1", key)


async def count_download(
    connection: Connection, export_id: UUID, user_id: str, request_key: str
) -> bool:
    """Whether this request is new; remembers it."""
    found = await connection.fetchval(
        """INSERT INTO export_downloads (export_id, user_id, request_key) VALUES ($1, $2, $3)
           ON CONFLICT DO NOTHING RETURNING true""",
        export_id,
        user_id,
        request_key,
    )
    return bool(found)
