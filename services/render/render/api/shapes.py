"""Exports as they go out."""

from datetime import datetime
from typing import Any
from uuid import UUID

from objects import ObjectStore
from render.handlers.exports import URL_SECONDS
from render.projections.exports import ExportRow
from runtime import http


class ProjectExport(http.Answer):
    """The seed's ProjectExport and its job.

    `duration` in seconds, `processingTime` in milliseconds, `fileSize` in bytes, `progress` 0–1;
    URLs expire after five minutes.
    """

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
    duration: float | None
    processing_started_at: datetime | None
    processing_completed_at: datetime | None
    processing_time: int | None
    error_message: str | None
    error_code: str | None
    download_count: int
    last_downloaded_at: datetime | None
    created_at: datetime
    updated_at: datetime
    document_version: int
    document_hash: str
    progress: float
    mime_type: str | None
    width: int | None
    height: int | None
    reused: bool


def shown(row: ExportRow, store: ObjectStore) -> ProjectExport:
    """The row with its keys turned into signed URLs."""

    def signed(key: str | None) -> str | None:
        if key is None or row.bucket is None:
            return None
        return store.sign_get(row.bucket, key, seconds=URL_SECONDS)

    told = {
        name: getattr(row, name)
        for name in ProjectExport.model_fields
        if name not in ("output_url", "thumbnail_url", "duration", "progress")
    }
    return ProjectExport(
        **told,
        output_url=signed(row.output_url),
        thumbnail_url=signed(row.thumbnail_url),
        duration=float(row.duration) if row.duration is not None else None,
        progress=round(row.progress, 3),
    )
