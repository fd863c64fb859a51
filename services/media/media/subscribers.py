"""What media hears: images that ai made become files, and a person who leaves takes theirs."""

from uuid import UUID

from contracts import Envelope, MessageData, topics
from contracts.ai import AiImageGenerated
from contracts.identity import UserDeleted
from eventlog import Answer, EventLog, Unit
from media.domain.asset import Asset
from media.projections import doomed
from runtime.context import Context
from runtime.database import Connection


class GeneratedImages:
    """Registers an image that ai stored, under the id that ai announced."""

    name = "generated_images"
    topics = frozenset({topics.AI})
    types = frozenset({AiImageGenerated.TYPE})

    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def handle(self, connection: Connection, envelope: Envelope, data: MessageData) -> None:
        if not isinstance(data, AiImageGenerated) or data.object_key is None:
            return  # its key was forgotten: there is nothing left to register

        async def work(unit: Unit) -> Answer:
            unit.record(_asset(envelope, data))
            unit.grant(data.media_id, data.user_id, read=True, write=True)
            return Answer(204)

        context = Context.for_actor(
            "service:media",
            now=envelope.time,
            causation_id=envelope.id,
            correlation_id=envelope.correlationid,
            traceparent=envelope.traceparent,
        )
        await self._log.run_as_service(context, work, connection)


def _asset(envelope: Envelope, data: AiImageGenerated) -> Asset:
    return Asset.ready(
        data.media_id,
        user_id=data.user_id,
        media_type="image",
        mime_type=data.mime_type,
        file_size=data.file_size,
        provider=data.store,
        bucket=data.bucket,
        object_key=data.object_key,
        thumbnail_key=None,
        sha256=data.sha256,
        original_name=f"{data.provider} image.png",
        width=data.width,
        height=data.height,
        duration=None,
        has_audio=False,
        generation_id=UUID(envelope.subject),
    )


class DepartedUsers:
    """Removes the files of a person who is gone: rows now, bytes with the next sweep."""

    name = "departed_users"
    topics = frozenset({topics.IDENTITY})
    types = frozenset({UserDeleted.TYPE})

    async def handle(self, connection: Connection, envelope: Envelope, data: MessageData) -> None:
        user_id = envelope.subject
        for table in ("user_media", "media_folders", "uploads"):
            await connection.execute(f"DELETE FROM {table} WHERE user_id = $1", user_id)  # noqa: S608 - our own table names
        await doomed.add(connection, f"media/{user_id}/")
