"""Reads the bus for one service: one transaction per batch, then the acknowledgement."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast

import asyncpg
from faststream.kafka import KafkaMessage

from contracts.topics import INCARNATION, TOPICS
from eventlog import feeding, offsets, parking
from eventlog.attempts import bring_through
from eventlog.backoff import Backoff, wait_for
from eventlog.broker_marker import read_markers
from eventlog.consuming import Projection, Reaction
from eventlog.dead_letter_desk import DeadLetterDesk
from eventlog.delivery import Delivery
from eventlog.incoming import Incoming, Unsealer
from eventlog.kafka import KafkaError, LogConsumer, TopicPartition
from eventlog.outcome import Outcome
from eventlog.rebuild import Rebuild
from eventlog.repair import request_repair
from eventlog.subscription import subscribe
from eventlog.topics_admin import ensure_topics
from eventlog.watchdog import STUCK_SECONDS, ClientStuck, Watchdog
from runtime import clock, metrics
from runtime.database import Pool

_log = logging.getLogger(__name__)

TEND_SECONDS = 10.0
_SETTLE_SECONDS = 5.0
_HAND_OVER_SECONDS = 20.0
_COMMIT_SECONDS = 10.0


class WorkerPools(Protocol):
    @property
    def worker(self) -> Pool: ...


class Consumer:
    """One member of a service's consumer group.

    Where it reads on is in its own database, bound to the broker's marker, and is written in the
    transaction that applies the messages; Kafka's own group offsets only show the lag. So a message
    may come twice, and the gate or the inbox drops it the second time.
    """

    def __init__(
        self,
        *,
        service: str,
        pools: WorkerPools,
        kafka: str,
        projections: Sequence[Projection] = (),
        reactions: Sequence[Reaction] = (),
        unsealer: Unsealer,
        group: str | None = None,
        on_commit: Callable[[], None] = lambda: None,
        tend_seconds: float = TEND_SECONDS,
        stuck_seconds: float = STUCK_SECONDS,
    ) -> None:
        """`on_commit` is called after each batch: wake the relay, reactions may have recorded."""
        self.group = group or service
        self._service = service
        self._pool = pools.worker
        self._kafka = kafka
        self._unsealer = unsealer
        self._on_commit = on_commit
        self._tend_seconds = tend_seconds
        self._stuck_seconds = stuck_seconds
        self._delivery = Delivery(service, projections, reactions, unsealer)
        self._backoff = Backoff(first=0.2, most=10.0)
        self._busy = asyncio.Lock()
        self._markers: dict[str, str] = {}
        self._client: Callable[[], LogConsumer | None] = lambda: None
        self._rebuilds: dict[str, asyncio.Task[bool]] = {}

    @property
    def letters(self) -> DeadLetterDesk:
        """Dead letters of this consumer, to retry or to drop."""
        return DeadLetterDesk(self._pool, self._delivery, self._on_commit)

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until `stop`. Raises when Kafka or PostgreSQL are away at the start."""
        topics = sorted(self._delivery.topics)
        if not topics:
            await stop.wait()
            return
        # Not the relay's alone: a topic that comes later is found only at the next refresh.
        await ensure_topics(
            self._kafka, [topic for topic in TOPICS if topic.name in {*topics, INCARNATION}]
        )
        async with self._pool.acquire() as connection, connection.transaction():
            await feeding.enter(connection, self.group, self._delivery.projections.values())
        self._markers = await read_markers(self._kafka, topics)
        while not stop.is_set():
            try:
                await self._be_a_member(topics, stop)
            except ClientStuck as error:
                _log.error("%s joins again: %s", self.group, error)

    async def _be_a_member(self, topics: Sequence[str], stop: asyncio.Event) -> None:
        broker, self._client = subscribe(
            self._kafka,
            self.group,
            topics,
            on_batch=self._on_batch,
            on_revoked=self._on_revoked,
            on_assigned=self._on_assigned,
        )
        try:
            await broker.start()
            client = self._client()
            watchdog = Watchdog(client, self._stuck_seconds) if client else None
            while not await wait_for(stop, self._tend_seconds):
                await self._tend(stop, watchdog)
        finally:
            await broker.stop()
            await self._end_rebuilds()

    async def _on_batch(self, message: KafkaMessage) -> None:
        async with self._busy:
            records = cast(tuple[Any, ...], message.raw_message)
            try:
                batch = [await self._delivery.reader.read(record) for record in records]
                outcome = await bring_through(self._transact, batch)
            except Exception as error:  # whatever it is, the messages must come again
                _log.error("%s puts a batch back: %r", self.group, error)
                await self._backoff.pause()
                await message.nack()
                return
            self._backoff.reset()
            self._measure(outcome)
            self._on_commit()
            self._seek(outcome.seeks)
            await self._acknowledge(message)

    async def _transact(self, batch: Sequence[Incoming], isolate_after: int) -> Outcome:
        positions: dict[TopicPartition, int] = {}
        for incoming in batch:
            positions[TopicPartition(incoming.topic, incoming.partition)] = incoming.offset + 1
        async with self._pool.acquire() as connection, connection.transaction():
            fed = await feeding.live_feeds(connection, self.group)
            outcome = await self._delivery.deliver(
                connection, batch, isolate_after=isolate_after, fed=fed
            )
            await offsets.save(connection, self.group, self._markers, positions)
        return outcome

    def _measure(self, outcome: Outcome) -> None:
        for (consumer, fate), number in outcome.fates.items():
            metrics.MESSAGES_CONSUMED.labels(self._service, consumer, fate).inc(number)
        now = clock.now()
        for consumer, time in outcome.newest.items():
            delay = (now - time).total_seconds()
            metrics.CONSUMER_DELAY_SECONDS.labels(self._service, consumer).set(delay)

    async def _acknowledge(self, message: KafkaMessage) -> None:
        # Kafka's offsets only show the lag; what counts is committed already.
        try:
            async with asyncio.timeout(_COMMIT_SECONDS):
                await message.ack()
        except (KafkaError, TimeoutError) as error:
            _log.info("%s could not commit its offsets to Kafka: %r", self.group, error)

    def _seek(self, seeks: dict[TopicPartition, int]) -> None:
        client = self._client()
        if client is None:
            return
        for place, offset in seeks.items():
            if place in client.assignment():
                client.seek(place, offset)

    async def _on_revoked(self, revoked: set[TopicPartition]) -> None:
        """Let the batch in hand end, so that its partitions are handed over behind it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_HAND_OVER_SECONDS), self._busy:
                return
        _log.warning("%s hands partitions over in the middle of a batch", self.group)

    async def _on_assigned(self, assigned: set[TopicPartition]) -> None:
        # Before the first await: else what is fetched from Kafka's offsets comes in between.
        client = self._client()
        if client is not None:
            client.pause(*assigned)
        while client is not None and client is self._client():
            try:
                self._markers = await read_markers(self._kafka, self._delivery.topics)
                await self._go_on(assigned)
                client.resume(*(assigned & client.assignment()))
                return
            except (KafkaError, asyncpg.PostgresError, OSError, TimeoutError) as error:
                _log.warning("%s cannot find its place yet: %r", self.group, error)
                await self._backoff.pause()

    async def _go_on(self, places: set[TopicPartition]) -> None:
        """Read on where this database says, or from the beginning of a log it does not know."""
        client = self._client()
        if client is None or not places:
            return
        async with self._pool.acquire() as connection:
            stored = await offsets.load(connection, self.group, self._markers)
        ends = await client.end_offsets(places)
        for place in places & client.assignment():
            # A log that ends before our place lost its tail: what comes there now is unseen.
            client.seek(place, min(stored.get(place, 0), ends[place]))

    async def _tend(self, stop: asyncio.Event, watchdog: Watchdog | None) -> None:
        """Look now and then at the broker, at keys that wait, and at projections to rebuild."""
        try:
            if watchdog is not None:
                if self._busy.locked():
                    watchdog.rest()
                else:
                    await watchdog.check()
            await self._follow_marker()
            await self._ask_again()
            await self._start_rebuilds(stop)
        except (KafkaError, asyncpg.PostgresError, OSError, TimeoutError) as error:
            _log.warning("%s cannot tend: %r", self.group, error)

    async def _follow_marker(self) -> None:
        markers = await read_markers(self._kafka, self._delivery.topics)
        client = self._client()
        if client is None or markers == self._markers:
            return
        async with self._busy:
            new = {topic for topic in markers if markers[topic] != self._markers.get(topic)}
            self._markers = markers
            await self._go_on({place for place in client.assignment() if place.topic in new})

    async def _ask_again(self) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            overdue = await parking.claim_overdue(connection, _SETTLE_SECONDS)
            for waiting in overdue:
                await request_repair(connection, self._service, waiting)
        if overdue:
            self._on_commit()

    async def _start_rebuilds(self, stop: asyncio.Event) -> None:
        for name in [name for name, task in self._rebuilds.items() if task.done()]:
            task = self._rebuilds.pop(name)
            if not task.cancelled() and (error := task.exception()):
                _log.error("rebuilding %s failed: %r", name, error)
        async with self._pool.acquire() as connection:
            names = await feeding.to_rebuild(connection, self.group)
        for name in names:
            if name not in self._rebuilds and name in self._delivery.projections:
                rebuild = Rebuild(
                    service=self._service,
                    pool=self._pool,
                    kafka=self._kafka,
                    group=self.group,
                    projection=self._delivery.projections[name],
                    unsealer=self._unsealer,
                )
                self._rebuilds[name] = asyncio.create_task(rebuild.run(stop))

    async def _end_rebuilds(self) -> None:
        for task in self._rebuilds.values():
            task.cancel()
        await asyncio.gather(*self._rebuilds.values(), return_exceptions=True)
        self._rebuilds.clear()
