"""The sweep: bytes of removed files and of uploads that nobody completed."""

import asyncio
import contextlib
from datetime import UTC, datetime

import objects
from media.projections import doomed, uploads
from objects import ObjectStore
from runtime.database import Pool

SECONDS_BETWEEN = 3.0


class Sweep:
    def __init__(self, pool: Pool, store: ObjectStore) -> None:
        self._pool = pool
        self._store = store

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self.once()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), SECONDS_BETWEEN)

    async def once(self) -> None:
        async with self._pool.acquire() as connection:
            prefixes = await doomed.waiting(connection)
            abandoned = await uploads.expired(connection, datetime.now(UTC))
        for prefix in prefixes:
            await self._store.delete_prefix(objects.MEDIA, prefix)
            async with self._pool.acquire() as connection:
                await doomed.done(connection, prefix)
        for upload in abandoned:
            await self._store.delete(objects.MEDIA, upload.object_key)
            if upload.status != "ready":  # a check that died may have stored its results
                await self._store.delete_prefix(objects.MEDIA, upload.home)
            async with self._pool.acquire() as connection:
                await uploads.remove(connection, upload.id)
