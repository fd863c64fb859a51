"""What the gateway hears: fan-out to live clients, and sessions that ended.

This reader belongs to no group and keeps no place: every gateway hears everything from now on. What
it misses, the feeds fetch from their stores, and sessions are forgotten after five seconds anyway.
"""

import asyncio
import contextlib
import logging
from typing import Any

from contracts import Envelope, UnreadableEnvelope, read_envelope, topics
from contracts.identity import SessionEnded, UserDeleted
from contracts.projects import ProjectDeleted
from eventlog.incoming import Unsealer
from eventlog.kafka import LogConsumer, Record, TopicPartition, places_of, reading
from gateway.adapters.hub import Hub
from gateway.adapters.messages import of_envelope, of_progress
from gateway.adapters.sessions import Sessions
from gateway.projections import heads_of, sweep
from runtime.database import Pool

log = logging.getLogger(__name__)

TOPICS = (topics.PROJECTS, topics.IDENTITY, topics.RENDER_PROGRESS)
_FIRST_LOOK_SECONDS = 1.0
_HEADS_SECONDS = 0.2
_SWEEP_SECONDS = 3600.0


class LiveReader:
    """Reads the topics from their ends and tells the hub and the sessions."""

    def __init__(self, kafka: str, hub: Hub, sessions: Sessions, unsealer: Unsealer) -> None:
        self._kafka = kafka
        self._hub = hub
        self._sessions = sessions
        self._unseal = unsealer
        self.listening = False

    async def run(self, stop: asyncio.Event) -> None:
        try:
            async with reading(self._kafka) as consumer:
                await self._find_ends(consumer, stop)
                self.listening = True
                while not stop.is_set():
                    for records in (await consumer.getmany(timeout_ms=250)).values():
                        for record in records:
                            await self.hear(record)
        finally:
            self.listening = False

    async def check(self) -> None:
        if not self.listening:
            raise ConnectionError("not listening to the bus")

    async def _find_ends(self, consumer: LogConsumer, stop: asyncio.Event) -> None:
        places: list[TopicPartition] = []
        while not stop.is_set():
            places = await places_of(self._kafka, TOPICS)
            if len({place.topic for place in places}) == len(TOPICS):
                break
            # The services that own them make the topics when they start.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _FIRST_LOOK_SECONDS)
        consumer.assign(places)
        for place, end in (await consumer.end_offsets(places)).items():
            consumer.seek(place, end)

    async def hear(self, record: Record) -> None:
        """One message. What nobody here waits for is not even parsed."""
        key = (record.key or b"").decode(errors="replace")
        if record.topic == topics.PROJECTS and not self._hub.of_project(key):
            return
        try:
            envelope = read_envelope(record.value or b"")
        except UnreadableEnvelope as error:
            log.warning("unreadable message", extra={"topic": record.topic, "reason": str(error)})
            return
        if record.topic == topics.PROJECTS:
            await self._tell_project(envelope)
        elif record.topic == topics.IDENTITY:
            self._end_sessions(envelope)
        else:
            self._tell_progress(envelope)

    async def _tell_project(self, envelope: Envelope) -> None:
        if envelope.type == ProjectDeleted.TYPE:
            for subscriber in self._hub.of_project(envelope.subject):
                subscriber.poke(recheck=True)
            return
        opened = await self._unseal(envelope.data, str(envelope.id))
        live = of_envelope(envelope, opened)
        for subscriber in self._hub.of_project(envelope.subject):
            subscriber.tell(live)

    def _end_sessions(self, envelope: Envelope) -> None:
        if envelope.type == SessionEnded.TYPE:
            self._sessions.end_session(envelope.subject)
            self._recheck(str(envelope.data.get("userId", "")))
        elif envelope.type == UserDeleted.TYPE:
            self._sessions.end_user(envelope.subject)
            self._recheck(envelope.subject)

    def _recheck(self, user_id: str) -> None:
        for subscriber in self._hub.of_user(user_id):
            subscriber.poke(recheck=True)

    def _tell_progress(self, envelope: Envelope) -> None:
        live = of_progress(envelope)
        data: dict[str, Any] = envelope.data
        for subscriber in self._hub.of_project(str(data.get("projectId", ""))):
            subscriber.tell(live)
        for subscriber in self._hub.of_user(str(data.get("userId", "")), feed_only=True):
            subscriber.tell(live)


class FeedWatch:
    """Wakes open feeds whose table grew, whichever gateway wrote it: one query for all of them."""

    def __init__(self, pool: Pool, hub: Hub) -> None:
        self._pool = pool
        self._hub = hub

    async def run(self, stop: asyncio.Event) -> None:
        known: dict[str, int] = {}
        while not stop.is_set():
            users = self._hub.feed_users()
            if users:
                async with self._pool.acquire() as connection:
                    heads = await heads_of(connection, users)
                for user in (user for user in heads if heads[user] != known.get(user)):
                    for subscriber in self._hub.of_user(user, feed_only=True):
                        subscriber.poke(missed=True)
                known = heads
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _HEADS_SECONDS)

    async def sweep(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            async with self._pool.acquire() as connection:
                await sweep(connection)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _SWEEP_SECONDS)
