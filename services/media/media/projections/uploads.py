"""Uploads in progress: plain rows, nothing has happened yet (D1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from runtime.database import Connection

INSERT = """
INSERT INTO uploads (id, user_id, filename, mime_type, file_size, sha256, object_key, media_id,
    expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING
"""
COLUMNS = """id, user_id, filename, mime_type, file_size, sha256, object_key, media_id, status,
    reason, expires_at"""
ONE = f"SELECT {COLUMNS} FROM uploads WHERE id = $1"  # noqa: S608 - our own column list
OF_USER = f"SELECT {COLUMNS} FROM uploads WHERE user_id = $1"  # noqa: S608 - our own column list
EXPIRED = f"SELECT {COLUMNS} FROM uploads WHERE expires_at < $1 ORDER BY expires_at LIMIT $2"  # noqa: S608 - our own column list


@dataclass(frozen=True)
class Upload:
    id: UUID
    user_id: str
    filename: str
    mime_type: str
    file_size: int
    sha256: str | None
    object_key: str
    media_id: UUID
    status: str
    reason: str | None
    expires_at: datetime

    @property
    def home(self) -> str:
        """Prefix of the objects that the finished file will have."""
        return f"media/{self.user_id}/{self.media_id}/"


async def begin(connection: Connection, upload: Upload) -> None:
    """Beginning the same upload again is harmless."""
    await connection.execute(
        INSERT,
        upload.id,
        upload.user_id,
        upload.filename,
        upload.mime_type,
        upload.file_size,
        upload.sha256,
        upload.object_key,
        upload.media_id,
        upload.expires_at,
    )


async def one(connection: Connection, upload_id: UUID) -> Upload | None:
    row = await connection.fetchrow(ONE, upload_id)
    return Upload(**dict(row)) if row else None


async def hold(connection: Connection, upload_id: UUID) -> Upload | None:
    """As `one`, and nobody else changes it before this transaction ends."""
    row = await connection.fetchrow(ONE + " FOR UPDATE", upload_id)
    return Upload(**dict(row)) if row else None


async def finish(
    connection: Connection, upload_id: UUID, status: str, reason: str | None = None
) -> None:
    await connection.execute(
        "UPDATE uploads SET status = $2, reason = $3 WHERE id = $1", upload_id, status, reason
    )


async def remove(connection: Connection, upload_id: UUID) -> None:
    await connection.execute("DELETE FROM uploads WHERE id = $1", upload_id)


async def expired(connection: Connection, now: datetime, limit: int = 100) -> list[Upload]:
    """Uploads whose time has passed an hour ago: nobody will complete them any more."""
    rows = await connection.fetch(EXPIRED, now - timedelta(hours=1), limit)
    return [Upload(**dict(row)) for row in rows]


async def of_user(connection: Connection, user_id: str) -> list[Upload]:
    return [Upload(**dict(row)) for row in await connection.fetch(OF_USER, user_id)]
