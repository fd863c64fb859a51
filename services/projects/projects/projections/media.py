"""The copy of media files with which `media:` references are resolved and judged."""

from uuid import UUID

from contracts import Envelope, MessageData, topics
from contracts.media import MediaDeleted, MediaReady
from runtime.database import Connection


class MediaAssets:
    """Follows media's events into `media_assets`."""

    name = "media_assets"
    topics = frozenset({topics.MEDIA})
    types = frozenset({MediaReady.TYPE, MediaDeleted.TYPE})

    async def apply(self, connection: Connection, envelope: Envelope, data: MessageData) -> None:
        media_id = UUID(envelope.subject)
        if isinstance(data, MediaReady):
            await _put(connection, media_id, data)
        elif isinstance(data, MediaDeleted):
            await connection.execute("delete from media_assets where media_id = $1", media_id)

    async def reset(self, connection: Connection) -> None:
        await connection.execute("delete from media_assets")


async def _put(connection: Connection, media_id: UUID, data: MediaReady) -> None:
    await connection.execute(
        """insert into media_assets (media_id, user_id, team_id, media_type, mime_type, file_size,
             provider, bucket, object_key, sha256, width, height, duration, has_audio)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
           on conflict (media_id) do update set media_type = excluded.media_type,
             mime_type = excluded.mime_type, file_size = excluded.file_size,
             provider = excluded.provider, bucket = excluded.bucket,
             object_key = excluded.object_key, sha256 = excluded.sha256, width = excluded.width,
             height = excluded.height, duration = excluded.duration,
             has_audio = excluded.has_audio, team_id = excluded.team_id""",
        media_id,
        data.user_id,
        data.team_id,
        data.media_type,
        data.mime_type,
        data.file_size,
        data.provider,
        data.bucket,
        data.object_key,
        data.sha256,
        data.width,
        data.height,
        data.duration,
        data.has_audio,
    )
