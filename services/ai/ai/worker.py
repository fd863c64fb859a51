"""The worker: claims generations, several at once, and waits between empty looks at the queue."""

import asyncio
import contextlib
import logging

import objects
from ai.adapters.providers import ProviderFailed
from ai.handlers.desk import Desk
from ai.handlers.making import give_up, make
from ai.projections import queue
from ai.projections.queue import Job
from objects import ObjectStore
from runtime.database import Pool

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.2
PAUSE_AFTER_ERROR_SECONDS = 10.0
MOST_UNFORESEEN = 8
SWEEP_SECONDS = 3.0


class Worker:
    def __init__(self, desk: Desk, concurrency: int) -> None:
        self._desk = desk
        self._concurrency = concurrency

    async def run(self, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(self._concurrency):
                group.create_task(self._loop(stop))

    async def _loop(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            async with self._desk.pools.worker.acquire() as connection:
                job = await queue.claim(connection)
            if job is not None:
                await self._work(job)
            else:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), IDLE_SECONDS)

    async def _work(self, job: Job) -> None:
        try:
            pause = await make(self._desk, job)
        except Exception:
            # The queue must outlive any one job; the lease and this pause bring it back.
            log.exception("a generation could not be made", extra={"generation": str(job.id)})
            pause = await self._pause_or_give_up(job)
        if pause is not None:
            async with self._desk.pools.worker.acquire() as connection:
                await queue.put_back(connection, job, pause)

    async def _pause_or_give_up(self, job: Job) -> float | None:
        if job.attempts < MOST_UNFORESEEN:
            return PAUSE_AFTER_ERROR_SECONDS
        failure = ProviderFailed("unknown", "It could not be made; we have a note of why.")
        await give_up(self._desk, job, failure)
        return None


class Sweep:
    """Removes the bytes of generations whose rows are gone."""

    def __init__(self, pool: Pool, store: ObjectStore) -> None:
        self._pool = pool
        self._store = store

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self.once()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), SWEEP_SECONDS)

    async def once(self) -> None:
        for prefix in await self._doomed():
            await self._store.delete_prefix(objects.AI, prefix)
            await self._pool.execute("DELETE FROM doomed_objects WHERE object_key = $1", prefix)

    async def _doomed(self) -> list[str]:
        rows = await self._pool.fetch("SELECT object_key FROM doomed_objects LIMIT 100")
        return [row["object_key"] for row in rows]
