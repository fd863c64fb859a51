"""Filling a projection again from the beginning of the log, while everything else goes on."""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial

from eventlog import dead_letters, feeding, offsets
from eventlog.attempts import bring_through
from eventlog.broker_marker import read_markers
from eventlog.consuming import Projection
from eventlog.delivery import Delivery
from eventlog.incoming import Incoming, Unsealer
from eventlog.kafka import LogConsumer, TopicPartition, places_of, reading
from eventlog.outcome import Outcome
from runtime.database import Connection, Pool

_log = logging.getLogger(__name__)

_BATCH = 1_000


async def begin(connection: Connection, projection: str) -> None:
    """Ask for a rebuild: the running consumer of that projection starts it within seconds."""
    async with connection.transaction():
        await feeding.hold_switch(connection)
        await feeding.set_live(connection, projection, False)


class Rebuild:
    """One projection, read from the beginning of its topics until the live consumer takes over.

    The projection's tables are emptied first; one that must serve meanwhile writes to new tables
    under a new name, and the old one is removed when the new one is live.
    """

    def __init__(
        self,
        *,
        service: str,
        pool: Pool,
        kafka: str,
        group: str,
        projection: Projection,
        unsealer: Unsealer,
    ) -> None:
        self._pool = pool
        self._kafka = kafka
        self._group = group
        self._projection = projection
        self._delivery = Delivery(service, [projection], [], unsealer)

    async def run(self, stop: asyncio.Event) -> bool:
        """True when the projection is live again; False when another one is at it, or on `stop`."""
        async with self._pool.acquire() as owner:
            if not await feeding.try_own(owner, self._projection.name):
                return False
            try:
                await self._empty()
                async with reading(self._kafka) as consumer:
                    return await self._replay(consumer, stop)
            finally:
                if not owner.is_closed():
                    await feeding.let_go(owner, self._projection.name)

    async def _empty(self) -> None:
        name = self._projection.name
        async with self._pool.acquire() as connection, connection.transaction():
            await feeding.hold_switch(connection)
            await feeding.set_live(connection, name, False)
            await connection.execute("DELETE FROM eventlog.parked_key WHERE projection = $1", name)
            await connection.execute(
                "DELETE FROM eventlog.consumer_gate WHERE projection = $1", name
            )
            await dead_letters.close_for_rebuild(connection, name)
            await self._projection.reset(connection)

    async def _replay(self, consumer: LogConsumer, stop: asyncio.Event) -> bool:
        places = await places_of(self._kafka, self._projection.topics)
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        transact = partial(_transact, self._pool, self._delivery)
        applied = 0
        while not stop.is_set():
            batches = await consumer.getmany(timeout_ms=100, max_records=_BATCH)
            for records in batches.values():
                batch = [await self._delivery.reader.read(record) for record in records]
                applied += (await bring_through(transact, batch)).count("applied")
            if await self._caught_up(consumer, places):
                _log.info("%s is rebuilt: %d messages", self._projection.name, applied)
                return True
        return False

    async def _caught_up(self, consumer: LogConsumer, places: Sequence[TopicPartition]) -> bool:
        """Hand over to the live consumer once nothing lies between its position and ours."""
        positions = {place: await consumer.position(place) for place in places}
        ends = await consumer.end_offsets(places)
        if any(positions[place] < ends[place] for place in places):
            return False
        markers = await read_markers(self._kafka, self._projection.topics)
        async with self._pool.acquire() as connection, connection.transaction():
            await feeding.hold_switch(connection)
            live = await offsets.load(connection, self._group, markers)
            if any(positions[place] < live.get(place, 0) for place in places):
                return False
            await feeding.set_live(connection, self._projection.name, True)
        return True


async def _transact(
    pool: Pool, delivery: Delivery, batch: Sequence[Incoming], isolate_after: int
) -> Outcome:
    async with pool.acquire() as connection, connection.transaction():
        return await delivery.deliver(connection, batch, isolate_after=isolate_after)
