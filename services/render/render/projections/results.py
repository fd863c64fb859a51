"""Finished files by fingerprint: the same request again reuses the stored one."""

from dataclasses import dataclass
from uuid import UUID

from runtime.database import Connection


@dataclass(frozen=True)
class Result:
    """A stored file: where it lies and what it is."""

    provider: str
    bucket: str
    output_key: str
    thumbnail_key: str
    mime_type: str
    file_size: int
    width: int
    height: int
    duration: float
    sha256: str


async def find(connection: Connection, project_id: UUID, fingerprint: str) -> Result | None:
    row = await connection.fetchrow(
        """SELECT provider, bucket, output_key, thumbnail_key, mime_type, file_size, width, height,
               duration, sha256 FROM render_results
           WHERE project_id = $1 AND fingerprint = $2""",
        project_id,
        fingerprint,
    )
    return Result(**dict(row)) if row else None


async def keep(connection: Connection, project_id: UUID, fingerprint: str, result: Result) -> None:
    await connection.execute(
        """INSERT INTO render_results (project_id, fingerprint, provider, bucket, output_key,
               thumbnail_key, mime_type, file_size, width, height, duration, sha256)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
           ON CONFLICT (project_id, fingerprint) DO UPDATE SET output_key = excluded.output_key,
               thumbnail_key = excluded.thumbnail_key, file_size = excluded.file_size,
               sha256 = excluded.sha256, provider = excluded.provider, bucket = excluded.bucket""",
        project_id,
        fingerprint,
        result.provider,
        result.bucket,
        result.output_key,
        result.thumbnail_key,
        result.mime_type,
        result.file_size,
        result.width,
        result.height,
        result.duration,
        result.sha256,
    )


async def forget(connection: Connection, output_key: str) -> None:
    """The file is gone: nobody may reuse it."""
    await connection.execute("DELETE FROM render_results WHERE output_key = $1", output_key)
