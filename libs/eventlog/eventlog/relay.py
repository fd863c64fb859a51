"""Publishes what the log committed: in each aggregate's order, at least once, never less."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from contracts.topics import TOPICS, Topic
from eventlog import outbox
from eventlog.backoff import Backoff, wait_for
from eventlog.broker_marker import Loss, acked_offsets, compare, observe
from eventlog.kafka import Ack, KafkaError, Producer, TopicPartition, discard, open_producer
from eventlog.outbox import Outgoing, Unpublishable
from eventlog.published import Published
from eventlog.repair import RepairAnswerer
from eventlog.shards import Shards, lock_watch
from eventlog.topics_admin import ensure_topics
from eventlog.transient import is_transient
from eventlog.watchdog import ClientStuck
from runtime import metrics
from runtime.database import Connection, Pool

_log = logging.getLogger(__name__)

ROWS_PER_SHARD = 100
WATCH_SECONDS = 30.0
SHARE_SECONDS = 1.0
IDLE_SECONDS = 0.25
_FIRST_IDLE_SECONDS = 0.005
REPUBLISH_MINUTES = 60
_RAW_MESSAGES_DAYS = 7
_CLEANING = 3600.0
_STUCK_SECONDS = 30.0
_ACK_SECONDS = 6.0
_CALM_SECONDS = 5.0


class BrokerLostRecords(Exception):
    """The broker gave an offset that it had acknowledged before."""


_BEGIN_AGAIN = (KafkaError, BrokerLostRecords, ClientStuck)


class Relay:
    """One of any number of relays of a service.

    It holds some shards, reads them in their order below the snapshot horizon and moves their
    cursors only after the broker acknowledged everything that was read. Any error ends the session:
    the next one has a new producer and reads again from the cursors, and looks first whether the
    broker is still the one it was.
    """

    def __init__(
        self,
        service: str,
        pool: Pool,
        kafka: str,
        published: Published,
        *,
        topics: Sequence[Topic] = TOPICS,
        watch_seconds: float = WATCH_SECONDS,
    ) -> None:
        self._service = service
        self._pool = pool
        self._kafka = kafka
        self._published = published
        self._topics = topics
        self._watch_seconds = watch_seconds
        self._wake = asyncio.Event()
        self._repairs = RepairAnswerer(service, pool, kafka, published)
        self._highest: dict[TopicPartition, int] = {}
        self._saw_loss = False
        self._stuck: dict[int, float] = {}

    def wake(self) -> None:
        """Look at once: something was committed."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until `stop`, whatever happens to broker and database meanwhile.

        Raises WrongPartitionCount, and LookupError or TypeError for a wrong set-up.
        """
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_on("relay", self._session, stop))
            tasks.create_task(self._keep_on("repairs", self._repairs.run, stop))

    async def _keep_on(
        self, name: str, work: Callable[[asyncio.Event], Awaitable[None]], stop: asyncio.Event
    ) -> None:
        backoff = Backoff()
        while not stop.is_set():
            started = time.monotonic()
            try:
                await work(stop)
            except Exception as error:
                if not (isinstance(error, _BEGIN_AGAIN) or is_transient(error)):
                    raise
                _log.warning(
                    "%s of %s begins again: %s: %s",
                    name,
                    self._service,
                    type(error).__name__,
                    error,
                )
                if time.monotonic() - started > _CALM_SECONDS:
                    backoff.reset()
                await backoff.pause(stop)

    async def _session(self, stop: asyncio.Event) -> None:
        """Everything that one producer does. Advisory locks end with the connection."""
        async with self._pool.acquire() as connection:
            held = Shards(connection)
            await held.join()
            await ensure_topics(self._kafka, self._topics)
            producer = await open_producer(self._kafka)
            try:
                await self._watch(connection, producer)
                await self._publish_until(stop, connection, producer, held)
            finally:
                await discard(producer)

    async def _publish_until(
        self, stop: asyncio.Event, connection: Connection, producer: Producer, held: Shards
    ) -> None:
        watch, share, clean = _Timer(self._watch_seconds), _Timer(SHARE_SECONDS), _Timer(_CLEANING)
        share.ring()
        idle = _FIRST_IDLE_SECONDS
        while not stop.is_set():
            if share.due():
                await held.share()
            if watch.due():
                await self._watch(connection, producer)
            if clean.due():
                await outbox.forget_old_raw_messages(connection, _RAW_MESSAGES_DAYS)
            self._wake.clear()  # before reading, so that what commits after it wakes again
            sent = await self._step(connection, producer, held.held)
            if sent or await wait_for(self._wake, idle):
                idle = _FIRST_IDLE_SECONDS
            else:
                idle = min(idle * 2, IDLE_SECONDS)

    async def _step(self, connection: Connection, producer: Producer, held: Sequence[int]) -> int:
        """Read, publish, wait for every acknowledgement, and only then move the cursors."""
        messages = self._messages(await outbox.read(connection, self._free(held), ROWS_PER_SHARD))
        if messages:
            acks = await self._publish(producer, messages)
            await self._confirm(connection, messages, acks)
        return len(messages)

    async def _publish(self, producer: Producer, messages: Sequence[Outgoing]) -> list[Ack]:
        futures: list[asyncio.Future[Ack]] = []
        try:
            async with asyncio.timeout(_ACK_SECONDS):
                for message in messages:
                    futures.append(  # noqa: PERF401  # what was sent must be known when one fails
                        await producer.send(
                            message.topic, message.value, message.key, headers=message.headers
                        )
                    )
                return list(await asyncio.gather(*futures))
        except BaseException:
            # Not one of them may be left without a listener; the session is over anyway.
            for future in futures:
                future.add_done_callback(_hear)
            raise

    async def _confirm(
        self, connection: Connection, messages: Sequence[Outgoing], acks: Sequence[Ack]
    ) -> None:
        highest: dict[TopicPartition, int] = {}
        for ack in acks:
            place = TopicPartition(ack.topic, ack.partition)
            if 0 <= ack.offset <= self._highest.get(place, -1):
                self._saw_loss = True
                raise BrokerLostRecords(f"offset {ack.offset} of {place} was given out before")
            highest[place] = max(ack.offset, highest.get(place, -1))
        await outbox.advance(connection, messages, highest)
        self._highest |= highest
        for message in messages:
            metrics.MESSAGES_PUBLISHED.labels(self._service, message.topic).inc()

    async def _watch(self, connection: Connection, producer: Producer) -> None:
        """Compare the broker with what it acknowledged, and publish again what it lost."""
        await ensure_topics(self._kafka, self._topics)
        acked = await acked_offsets(connection, self._published.destinations)
        state = await observe(self._kafka, self._published.destinations, producer)
        async with connection.transaction():
            await lock_watch(connection)
            loss = await compare(connection, state, acked)
            if loss is Loss.EVERYTHING:
                await outbox.rewind_to_start(connection)
            elif loss is Loss.TAIL or self._saw_loss:
                await outbox.rewind_by(connection, REPUBLISH_MINUTES)
        self._saw_loss = False
        self._highest = await acked_offsets(connection, self._published.destinations)
        waiting = await outbox.waiting(connection)
        metrics.OUTBOX_WAITING.labels(self._service).set(waiting)

    def _messages(self, rows: Sequence[Any]) -> list[Outgoing]:
        """The messages of these rows; a shard with a row that cannot be sent stops before it."""
        messages: list[Outgoing] = []
        for row in rows:
            if row["shard"] in self._stuck:
                continue
            try:
                messages.append(outbox.outgoing(self._service, row, self._published))
            except Unpublishable as error:
                _log.error(
                    "shard %d of %s is stuck before (%s, %d): %s",
                    row["shard"],
                    self._service,
                    row["xid"],
                    row["seq"],
                    error,
                )
                self._stuck[row["shard"]] = time.monotonic() + _STUCK_SECONDS
        return messages

    def _free(self, held: Sequence[int]) -> list[int]:
        now = time.monotonic()
        self._stuck = {shard: until for shard, until in self._stuck.items() if until > now}
        return [shard for shard in held if shard not in self._stuck]


class _Timer:
    """Due once per period, the first time after one period."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = time.monotonic() + seconds

    def ring(self) -> None:
        self._next = 0.0

    def due(self) -> bool:
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + self._seconds
        return True


def _hear(future: "asyncio.Future[Ack]") -> None:
    if not future.cancelled():
        future.exception()
