"""What media hears: images that ai made become files, and a person who leaves takes theirs."""

import contextlib
from uuid import UUID

import objects
from auth.keys import KeyForgotten
from contracts import Envelope, MessageData, topics
from contracts.ai import AiImageGenerated
from contracts.identity import UserDeleted
from eventlog import AggregateNotFound, Answer, EventLog, Unit
from media.domain.asset import Asset
from media.projections import departed, doomed, uploads
from objects import ObjectMissing, ObjectStore
from runtime.context import Context
from runtime.database import Connection


class GeneratedImages:
    """Takes a copy of an image that ai stored, under the id that ai announced.

    A copy, for ai removes its own bytes with the generation or its project, and the library keeps
    what is in it.
    """

    name = "generated_images"
    topics = frozenset({topics.AI})
    types = frozenset({AiImageGenerated.TYPE})

    def __init__(self, log: EventLog, store: ObjectStore) -> None:
        self._log = log
        self._store = store

    async def handle(self, connection: Connection, envelope: Envelope, data: MessageData) -> None:
        if not isinstance(data, AiImageGenerated) or data.object_key is None:
            return  # its key was forgotten: there is nothing left to register
        await departed.hold(connection, data.user_id)
        if await departed.has_left(connection, data.user_id):
            return

        async def work(unit: Unit) -> Answer:
            with contextlib.suppress(AggregateNotFound):
                await unit.load(Asset, data.media_id)
                return Answer(204)  # registered before, and perhaps removed since
            key = await self._copy(data)
            unit.record(_asset(envelope, data, self._store.provider, key))
            unit.grant(data.media_id, data.user_id, read=True, write=True)
            return Answer(204)

        context = Context.for_actor(
            "service:media",
            now=envelope.time,
            causation_id=envelope.id,
            correlation_id=envelope.correlationid,
            traceparent=envelope.traceparent,
        )
        try:
            await self._log.run_as_service(context, work, connection)
        except ObjectMissing:
            return  # the generation was removed before we came
        except KeyForgotten:  # the person is gone
            await self._store.delete_prefix(objects.MEDIA, home_of(data))

    async def _copy(self, data: AiImageGenerated) -> str:
        image = await self._store.get(data.bucket, data.object_key or "")
        key = f"{home_of(data)}original.png"
        await self._store.put(objects.MEDIA, key, image, data.mime_type)
        return key


def home_of(data: AiImageGenerated) -> str:
    return f"media/{data.user_id}/{data.media_id}/"


def _asset(envelope: Envelope, data: AiImageGenerated, provider: str, key: str) -> Asset:
    return Asset.ready(
        data.media_id,
        user_id=data.user_id,
        media_type="image",
        mime_type=data.mime_type,
        file_size=data.file_size,
        provider=provider,
        bucket=objects.MEDIA,
        object_key=key,
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
        await departed.hold(connection, user_id)
        await departed.note(connection, user_id)
        for upload in await uploads.of_user(connection, user_id):
            await doomed.add(connection, upload.object_key)
        # Uploads first: a completion holds its row until the file it makes can be seen here.
        for table in ("uploads", "user_media", "media_folders"):
            await connection.execute(f"DELETE FROM {table} WHERE user_id = $1", user_id)  # noqa: S608 - our own table names
        await doomed.add(connection, f"media/{user_id}/")
