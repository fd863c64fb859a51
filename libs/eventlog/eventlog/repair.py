"""Asking the owner of a topic for messages that are missing, and answering from the store."""

import asyncio
import logging
import time
from typing import ClassVar
from uuid import UUID, uuid5

import orjson
from pydantic import ValidationError

from contracts import Envelope, MessageData, UnreadableEnvelope, read_envelope, topics
from eventlog.kafka import Record, reading
from eventlog.message import message_bytes, message_key
from eventlog.parking import Waiting
from eventlog.published import Published
from eventlog.raw_messages import enqueue
from eventlog.stored import StoredEvent
from eventlog.watchdog import Watchdog
from runtime import clock
from runtime.database import Connection, Pool

_log = logging.getLogger(__name__)

_MOST_AT_ONCE = 10_000
_LOOK_SECONDS = 15.0
_NAMESPACE = UUID("0d4a4b39-8f0c-5b0e-9c52-6c1d4f6a7e21")


class RepairRequested(MessageData):
    """A reader of `topic` lacks the messages of one aggregate after `after`, before `before`."""

    TYPE: ClassVar[str] = "log.repair_requested.v1"
    TOPIC: ClassVar[str] = topics.REPAIR

    topic: str
    after: int
    before: int
    reader: str


async def request_repair(connection: Connection, service: str, waiting: Waiting) -> None:
    """Ask for what lies between, through this service's own relay."""
    data = RepairRequested(
        topic=waiting.topic,
        after=waiting.after,
        before=waiting.before,
        reader=f"{service}/{waiting.projection}",
    )
    now = clock.now()
    name = f"{data.reader}:{waiting.subject}:{waiting.after}:{waiting.before}:{clock.iso(now)}"
    envelope = Envelope(
        id=uuid5(_NAMESPACE, name),
        type=RepairRequested.TYPE,
        source=service,
        subject=waiting.subject,
        time=now,
        data=data.model_dump(by_alias=True),
    )
    value = orjson.dumps(envelope.model_dump(mode="json", exclude_none=True))
    await enqueue(connection, topics.REPAIR, waiting.subject.encode(), value)
    _log.warning(
        "%s: %s lacks %s after %d before %d, repair requested",
        data.reader,
        waiting.topic,
        waiting.subject,
        waiting.after,
        waiting.before,
    )


class RepairAnswerer:
    """Publishes again, from the store, what others ask this service for."""

    def __init__(self, service: str, pool: Pool, kafka: str, published: Published) -> None:
        self._service = service
        self._pool = pool
        self._kafka = kafka
        self._published = published

    async def run(self, stop: asyncio.Event) -> None:
        """Serve requests until `stop`. May be restarted after any error, ClientStuck among them."""
        group = f"{self._service}.repair"
        async with reading(self._kafka, group=group, topics=[topics.REPAIR]) as consumer:
            watchdog = Watchdog(consumer)
            looked = time.monotonic()
            while not stop.is_set():
                if time.monotonic() - looked > _LOOK_SECONDS:
                    await watchdog.check()
                    looked = time.monotonic()
                batches = await consumer.getmany(timeout_ms=200, max_records=50)
                for records in batches.values():
                    for record in records:
                        await self.answer(record)
                if batches:
                    await consumer.commit()

    async def answer(self, record: Record) -> int:
        """Put the wanted messages into the outbox; returns how many. Foreign requests give 0."""
        request = _read(record)
        if request is None or request[1].topic not in self._published.destinations:
            return 0
        subject, wanted = request
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(
                "SELECT originator_id, originator_version, topic, class_version, state, metadata, "
                "shard FROM eventlog.events WHERE originator_id = $1 AND originator_version > $2 "
                "AND originator_version < $3 ORDER BY originator_version LIMIT $4",
                subject,
                wanted.after,
                wanted.before,
                _MOST_AT_ONCE,
            )
            for row in rows:
                stored = StoredEvent.from_row(row)
                await enqueue(
                    connection,
                    self._published.of(stored.topic).destination,
                    message_key(stored),
                    message_bytes(self._service, stored, self._published),
                    shard=row["shard"],
                )
        _log.info("repair for %s: %d messages of %s", wanted.reader, len(rows), subject)
        return len(rows)


def _read(record: Record) -> tuple[UUID, RepairRequested] | None:
    try:
        envelope = read_envelope(record.value or b"")
        if envelope.type != RepairRequested.TYPE:
            return None
        return UUID(envelope.subject), RepairRequested.model_validate(envelope.data)
    except (UnreadableEnvelope, ValidationError, ValueError) as error:
        _log.warning("unreadable repair request at offset %d: %s", record.offset, error)
        return None
