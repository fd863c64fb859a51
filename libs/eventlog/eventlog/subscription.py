"""FastStream as it is used here: batches, acknowledged by hand, nothing parsed and nothing lost."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, cast

from aiokafka import ConsumerRebalanceListener
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from eventlog.kafka import METADATA_MAX_AGE_MS, LogConsumer, TopicPartition

BATCH_RECORDS = 500

_OnPartitions = Callable[[set[TopicPartition]], Awaitable[None]]


def subscribe(
    kafka: str,
    group: str,
    topics: Sequence[str],
    *,
    on_batch: Callable[[KafkaMessage], Awaitable[None]],
    on_revoked: _OnPartitions,
    on_assigned: _OnPartitions,
) -> tuple[KafkaBroker, Callable[[], LogConsumer | None]]:
    """A member of `group`, to be started and stopped, and its Kafka client while it runs.

    `on_batch` must not raise: with AckPolicy.MANUAL the next acknowledgement would go past what it
    left. It seeks or acknowledges itself.
    """
    broker = KafkaBroker(
        kafka,
        client_id=group,
        consumer_only=True,
        allow_auto_create_topics=False,
        metadata_max_age_ms=METADATA_MAX_AGE_MS,
        apply_types=False,
        logger=None,
    )
    subscriber = broker.subscriber(
        *topics,
        batch=True,
        group_id=group,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.MANUAL,
        max_records=BATCH_RECORDS,
        batch_timeout_ms=20,
        heartbeat_interval_ms=1_000,  # a member learns of a rebalance by its next heartbeat
        listener=_HandOver(on_revoked, on_assigned),
        parser=_without_headers,
        decoder=_as_it_is,
    )
    subscriber(on_batch)
    return broker, lambda: cast(LogConsumer | None, subscriber.consumer)


class _HandOver(ConsumerRebalanceListener):
    """aiokafka awaits these two around a rebalance."""

    def __init__(
        self,
        on_revoked: _OnPartitions,
        on_assigned: _OnPartitions,
    ) -> None:
        self._on_revoked = on_revoked
        self._on_assigned = on_assigned

    async def on_partitions_revoked(  # pyright: ignore[reportIncompatibleMethodOverride]  # its own documentation allows a coroutine
        self, revoked: set[TopicPartition]
    ) -> None:
        await self._on_revoked(revoked)

    async def on_partitions_assigned(  # pyright: ignore[reportIncompatibleMethodOverride]  # as above
        self, assigned: set[TopicPartition]
    ) -> None:
        await self._on_assigned(assigned)


async def _without_headers(records: tuple[Any, ...], original: Callable[..., Any]) -> Any:
    # FastStream's parser raises on a header that is no UTF-8, and the message would be lost.
    parsed = await original(tuple(replace(record, headers=()) for record in records))
    parsed.raw_message = records
    return parsed


async def _as_it_is(message: KafkaMessage) -> KafkaMessage:
    return message
