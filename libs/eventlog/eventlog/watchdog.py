"""Notices a Kafka client that reads no more although there is something to read.

aiokafka's fetching task may end by an error of its own (a request that times out just as its
connection goes), and nothing tells the one who waits for messages.
"""

import asyncio
import time
from collections.abc import Mapping

from eventlog.kafka import LogConsumer, TopicPartition

STUCK_SECONDS = 60.0
_LOOK_SECONDS = 5.0


class ClientStuck(Exception):
    """Throw the client away and make a new one."""


class Watchdog:
    """Watches one client; `check` is to be called every few seconds."""

    def __init__(self, client: LogConsumer, seconds: float = STUCK_SECONDS) -> None:
        self._client = client
        self._seconds = seconds
        self._positions: Mapping[TopicPartition, int] = {}
        self._moved = time.monotonic()

    def rest(self) -> None:
        """The client is not asked for messages now: someone works on the last ones."""
        self._moved = time.monotonic()

    async def check(self) -> None:
        """Raises ClientStuck when it has been behind for too long without moving."""
        places = self._client.assignment()
        if not places:
            self.rest()
            return
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                ends = await self._client.end_offsets(places)
                positions = {place: await self._client.position(place) for place in places}
        except TimeoutError:
            behind = True  # an answer that does not come is no progress either
        else:
            behind = any(positions[place] < ends[place] for place in places)
            if positions != self._positions:
                self._positions = positions
                self.rest()
        if not behind:
            self.rest()
        elif time.monotonic() - self._moved > self._seconds:
            raise ClientStuck(f"no progress for {self._seconds:.0f} s at {self._positions}")
