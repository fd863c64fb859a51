"""Queries on the copy of media files: what a project may show, what a person owns."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from projects.domain.json_values import JsonObject
from runtime.database import Connection, Record


async def of_project(
    connection: Connection, project_id: UUID, media_ids: Collection[UUID]
) -> dict[str, JsonObject]:
    """The files that this project may show, by id, shaped as a document's assets."""
    rows = await connection.fetch(
        "select * from access.project_media($1, $2)", project_id, list(media_ids)
    )
    return {str(row["media_id"]): _asset(row) for row in rows}


async def own(connection: Connection, media_ids: Collection[UUID]) -> dict[str, JsonObject]:
    """The actor's files among these, by id."""
    rows = await connection.fetch(
        "select * from media_assets where media_id = any ($1)", list(media_ids)
    )
    return {str(row["media_id"]): _asset(row) for row in rows}


def _asset(row: Record) -> JsonObject:
    found: dict[str, Any] = {
        "provider": row["provider"],
        "bucket": row["bucket"],
        "objectKey": row["object_key"],
        "mimeType": row["mime_type"],
        "width": row["width"],
        "height": row["height"],
        "duration": None if row["duration"] is None else float(row["duration"]),
        "hasAudio": row["has_audio"],
        "sha256": row["sha256"],
        "mediaType": row["media_type"],
        "fileSize": row["file_size"],
    }
    return found
