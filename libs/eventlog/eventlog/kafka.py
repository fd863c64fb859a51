"""The Kafka client as this library uses it: typed, and with the settings that keep order."""

import asyncio
import uuid
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol, cast

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

__all__ = [
    "Ack",
    "Admin",
    "KafkaError",
    "LogConsumer",
    "NewTopic",
    "Producer",
    "Record",
    "TopicPartition",
    "administrating",
    "discard",
    "open_producer",
    "places_of",
    "reading",
]

REQUEST_TIMEOUT_MS = 10_000
METADATA_MAX_AGE_MS = 10_000  # how soon a topic made again after a loss is found


class Ack(Protocol):
    """Where the broker put a record. `offset` is -1 where it already had it."""

    topic: str
    partition: int
    offset: int


class Record(Protocol):
    """One record read from the log."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Producer(Protocol):
    async def send(
        self, topic: str, value: bytes, key: bytes | None, *, headers: Sequence[tuple[str, bytes]]
    ) -> asyncio.Future[Ack]: ...
    async def stop(self) -> None: ...


class LogConsumer(Protocol):
    """The part of AIOKafkaConsumer that is used here."""

    def assign(self, partitions: Iterable[TopicPartition]) -> None: ...
    def assignment(self) -> set[TopicPartition]: ...
    def seek(self, partition: TopicPartition, offset: int) -> None: ...
    def pause(self, *partitions: TopicPartition) -> None: ...
    def resume(self, *partitions: TopicPartition) -> None: ...
    def highwater(self, partition: TopicPartition) -> int | None: ...
    async def position(self, partition: TopicPartition) -> int: ...
    async def commit(self) -> None: ...
    async def seek_to_beginning(self, *partitions: TopicPartition) -> bool: ...
    async def getmany(
        self, *, timeout_ms: int, max_records: int | None = None
    ) -> Mapping[TopicPartition, Sequence[Record]]: ...
    async def beginning_offsets(
        self, partitions: Iterable[TopicPartition]
    ) -> Mapping[TopicPartition, int]: ...
    async def end_offsets(
        self, partitions: Iterable[TopicPartition]
    ) -> Mapping[TopicPartition, int]: ...


class Admin(Protocol):
    async def describe_topics(self, topics: list[str] | None = None) -> list[dict[str, Any]]: ...
    async def create_topics(self, new_topics: list[NewTopic]) -> Any: ...


async def open_producer(bootstrap: str) -> Producer:
    """An idempotent producer that waits for all replicas; the caller stops it.

    Its promise of order ends with the first error: throw it away then and open a new one.
    """
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        client_id=f"relay-{uuid.uuid4().hex[:8]}",
        enable_idempotence=True,
        acks="all",
        linger_ms=1,
        max_batch_size=65_536,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
        metadata_max_age_ms=METADATA_MAX_AGE_MS,
    )
    try:
        await producer.start()
    except BaseException:
        await discard(cast(Producer, producer))
        raise
    return cast(Producer, producer)


async def discard(producer: Producer, seconds: float = 1.0) -> None:
    """Close it. What it could not send in that time is dropped: someone else sends it again."""
    try:
        async with asyncio.timeout(seconds):
            await producer.stop()
    except TimeoutError:
        # stop() waits for what cannot be sent, so the two ends it would close are closed here.
        inside: Any = producer
        await inside._sender.close()
        await inside.client.close()


@asynccontextmanager
async def reading(
    bootstrap: str, *, group: str | None = None, topics: Sequence[str] = ()
) -> AsyncGenerator[LogConsumer]:
    """A plain consumer: of all it is assigned, or as a member of `group`; commits by hand."""
    consumer = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
        metadata_max_age_ms=METADATA_MAX_AGE_MS,
        fetch_max_wait_ms=100,
    )
    try:
        await consumer.start()
        yield cast(LogConsumer, consumer)
    finally:
        await consumer.stop()


@asynccontextmanager
async def administrating(bootstrap: str) -> AsyncGenerator[Admin]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=REQUEST_TIMEOUT_MS)
    try:
        await admin.start()
        yield cast(Admin, admin)
    finally:
        await admin.close()


async def places_of(bootstrap: str, topics: Iterable[str]) -> list[TopicPartition]:
    """Every partition of these topics; topics that the broker does not have are left out."""
    wanted = sorted(set(topics))
    async with administrating(bootstrap) as admin:
        described = await admin.describe_topics(wanted) if wanted else []
    return sorted(
        TopicPartition(topic["topic"], partition["partition"])
        for topic in described
        if topic["error_code"] == 0
        for partition in topic["partitions"]
    )
