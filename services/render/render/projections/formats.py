"""What a social format wants of a file, copied from the catalogue's events."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts import Envelope, MessageData, topics
from contracts.projects import FormatAdded, FormatChanged
from runtime.database import Connection, Pool


@dataclass(frozen=True)
class FormatNeeds:
    """`max_file_size` bounds videos, `image_max_bytes` stills (bytes)."""

    supports_video: bool = True
    max_file_size: int | None = None
    image_max_bytes: int | None = None
    encoding: dict[str, Any] | None = None


class Formats:
    name = "format_needs"
    topics = frozenset({topics.PROJECTS})
    types = frozenset({FormatAdded.TYPE, FormatChanged.TYPE})

    async def apply(self, connection: Connection, envelope: Envelope, data: MessageData) -> None:
        if not isinstance(data, FormatAdded):
            return
        await connection.execute(
            """INSERT INTO format_needs (social_format_id, supports_video, max_file_size,
                   image_max_bytes, encoding) VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT (social_format_id) DO UPDATE SET supports_video = $2,
                   max_file_size = $3, image_max_bytes = $4, encoding = $5""",
            UUID(envelope.subject),
            bool(data.supported_features.get("supportsVideo", True)),
            data.max_file_size,
            data.limits.get("imageMaxBytes"),
            data.encoding,
        )

    async def reset(self, connection: Connection) -> None:
        await connection.execute("DELETE FROM format_needs")


async def needs_of(pool: Pool, social_format_id: UUID) -> FormatNeeds:
    """Those of an unknown format are none."""
    row = await pool.fetchrow(
        """SELECT supports_video, max_file_size, image_max_bytes, encoding
           FROM format_needs WHERE social_format_id = $1""",
        social_format_id,
    )
    return FormatNeeds(**dict(row)) if row else FormatNeeds()
