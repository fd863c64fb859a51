"""The workers: claim, make, keep the lease, stop when told; and the sweep of dead files."""

import asyncio
import contextlib
import logging

import objects
from auth.keys import KeyForgotten
from contracts.render import ExportProgress
from objects import StoreUnavailable
from render.adapters.job_process import Step
from render.adapters.progress import ProgressFeed
from render.handlers.making import Workshop, give_up, make
from render.projections import exports, queue, results
from render.projections.queue import Job
from runtime.ids import uuid7

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.25
BEAT_SECONDS = 0.5
MOST_ATTEMPTS = 3
PAUSE_SECONDS = 5.0
SWEEP_SECONDS = 3.0


class Worker:
    """Runs `concurrency` jobs at a time. A lease lasts `lease_seconds` beyond the last beat."""

    def __init__(
        self, workshop: Workshop, feed: ProgressFeed, *, concurrency: int, lease_seconds: float
    ) -> None:
        self._workshop, self._feed = workshop, feed
        self._concurrency, self._lease_seconds = concurrency, lease_seconds

    async def run(self, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(self._concurrency):
                group.create_task(self._loop(stop))

    async def _loop(self, stop: asyncio.Event) -> None:
        pool = self._workshop.desk.pools.worker
        while not stop.is_set():
            job = await queue.claim(pool, uuid7(), self._lease_seconds)
            if job is not None:
                await self._work(job, stop)
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), IDLE_SECONDS)

    async def _work(self, job: Job, stop: asyncio.Event) -> None:
        pool = self._workshop.desk.pools.worker
        steps: list[Step] = []
        making = asyncio.create_task(self._make(job, steps))
        try:
            ours = await self._watch(job, making, steps, stop)
            if not ours:
                return  # cancelled, deleted or taken over: nothing to tell
            if stop.is_set() and not making.done():
                await queue.put_back(pool, job, 0.0, counted=False)
                return
            await making
        except KeyForgotten:
            await queue.abandon(pool, job)  # its project was erased: there is nobody to tell
        except (StoreUnavailable, ConnectionError) as error:
            log.warning("a render waits for a part", extra={"reason": type(error).__name__})
            await queue.put_back(pool, job, PAUSE_SECONDS, counted=False)
        except Exception:
            # The queue must outlive any one job: after a pause it is tried again, a few times.
            log.exception("an export could not be made", extra={"export": str(job.id)})
            await queue.put_back(pool, job, PAUSE_SECONDS * job.attempts, counted=True)
        finally:
            making.cancel()
            await asyncio.gather(making, return_exceptions=True)

    async def _make(self, job: Job, steps: list[Step]) -> None:
        if job.attempts <= MOST_ATTEMPTS:
            await make(self._workshop, job, steps.append)
            return
        message = "The file could not be made: its worker failed several times."
        await give_up(self._workshop.desk, job, "worker_lost", message)

    async def _watch(
        self, job: Job, making: "asyncio.Task[None]", steps: list[Step], stop: asyncio.Event
    ) -> bool:
        """Beats until the job is made; False when it is no longer ours."""
        pool, told = self._workshop.desk.pools.worker, 0
        while not making.done() and not stop.is_set():
            await asyncio.wait({making}, timeout=BEAT_SECONDS)
            share = steps[-1].share if steps else 0.0
            if len(steps) > told:
                told = len(steps)
                self._feed.tell(str(job.id), _progress(job, steps[-1]))
            if not making.done() and not await queue.beat(pool, job, self._lease_seconds, share):
                return False
        return True


def _progress(job: Job, step: Step) -> ExportProgress:
    return ExportProgress(
        project_id=job.project_id,
        user_id=job.user_id,
        canvas_id=job.canvas_id,
        progress=step.share,
        frames_done=step.frames_done,
        frames_total=step.frames_total,
        stage=step.stage,
    )


class Sweep:
    """Removes the bytes of exports whose rows are gone, unless another export shares them."""

    def __init__(self, workshop: Workshop) -> None:
        self._desk = workshop.desk

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self.once()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), SWEEP_SECONDS)

    async def once(self) -> None:
        async with self._desk.pools.worker.acquire() as connection:
            keys = await exports.unneeded(connection)
        for key in keys:
            await self._remove(key)

    async def _remove(self, key: str) -> None:
        async with self._desk.pools.worker.acquire() as connection:
            await results.forget(connection, key)
        prefix = key if key.endswith("/") else key.rsplit("/", 1)[0] + "/"
        await self._desk.store.delete_prefix(objects.RENDER, prefix)
        async with self._desk.pools.worker.acquire() as connection:
            await exports.swept(connection, key)
