"""Makes the partitions of the coming months ahead of time."""

import asyncio
import contextlib

from runtime.database import Pool

SECONDS_BETWEEN = 3600.0
AHEAD = "SELECT ensure_partitions(now()::date, (now() + interval '3 months')::date)"


class Partitions:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self._pool.execute(AHEAD)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), SECONDS_BETWEEN)
