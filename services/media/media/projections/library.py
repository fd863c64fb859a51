"""The media library: `user_media` rows, written with the event that makes them true."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from eventlog.domain import DomainEvent
from media.domain.asset import Asset
from runtime.database import Connection

INSERT = """
INSERT INTO user_media (id, user_id, team_id, filename, original_name, mime_type, file_size,
    storage_provider, storage_key, public_url, media_type, dimensions, duration, thumbnail_url,
    created_at, updated_at, sha256, has_audio)
VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $8, $9, $10, $11, $12, $13, $13, $14, $15)
ON CONFLICT (id) DO NOTHING
"""
COLUMNS = """id, original_name, mime_type, file_size, storage_provider, storage_key, media_type,
    dimensions, duration, thumbnail_url, tags, description, usage_count, sha256, has_audio,
    created_at, updated_at"""
ONE = f"SELECT {COLUMNS} FROM user_media WHERE id = $1"  # noqa: S608 - our own column list
PAGE = f"""
SELECT {COLUMNS} FROM user_media
WHERE user_id = (SELECT access.current_actor())
    AND ($1::text IS NULL OR media_type = $1)
    AND ($2::text IS NULL OR original_name ILIKE '%' || $2 || '%')
    AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4::uuid))
ORDER BY created_at DESC, id DESC LIMIT $5
"""  # noqa: S608 - our own column list


@dataclass(frozen=True)
class MediaRow:
    """A file as the library knows it. Sizes in bytes and pixels, duration in seconds."""

    id: UUID
    original_name: str
    mime_type: str
    file_size: int
    storage_provider: str
    storage_key: str
    media_type: str
    dimensions: dict[str, int] | None
    duration: Decimal | None
    thumbnail_url: str | None
    tags: list[str]
    description: str | None
    usage_count: int
    sha256: str | None
    has_audio: bool
    created_at: datetime
    updated_at: datetime


class Library:
    """Written in the command's own transaction."""

    async def apply(self, connection: Connection, event: DomainEvent) -> None:
        match event:
            case Asset.Created():
                await _insert(connection, event)
            case Asset.Deleted():
                await connection.execute(
                    "DELETE FROM user_media WHERE id = $1", event.originator_id
                )
            case _:
                pass


async def _insert(connection: Connection, fact: Asset.Created) -> None:
    dimensions: dict[str, Any] | None = None
    if fact.width is not None and fact.height is not None:
        dimensions = {"width": fact.width, "height": fact.height}
    await connection.execute(
        INSERT,
        fact.originator_id,
        fact.user_id,
        fact.team_id,
        fact.original_name or "",
        fact.mime_type,
        fact.file_size,
        fact.provider,
        fact.object_key or "",
        fact.media_type,
        dimensions,
        Decimal(str(fact.duration)) if fact.duration is not None else None,
        fact.thumbnail_key,
        fact.timestamp,
        fact.sha256,
        fact.has_audio,
    )


async def one(connection: Connection, media_id: UUID) -> MediaRow | None:
    row = await connection.fetchrow(ONE, media_id)
    return MediaRow(**dict(row)) if row else None


async def page(
    connection: Connection,
    *,
    media_type: str | None,
    q: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[MediaRow]:
    time, last_id = after or (None, None)
    rows = await connection.fetch(PAGE, media_type, q, time, last_id, limit)
    return [MediaRow(**dict(row)) for row in rows]
