"""Makes the trail's partitions of the coming months, and drops those that retention has passed."""

import asyncio
import contextlib

from runtime.database import Pool

SECONDS_BETWEEN = 3600.0
AHEAD = "SELECT ensure_partitions(now()::date, (now() + interval '3 months')::date)"


DROP_OLD = "SELECT drop_old_partitions()"


class Partitions:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self._pool.execute(AHEAD)
            await self._pool.execute(DROP_OLD)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), SECONDS_BETWEEN)
