"""A person's own feed: exports, generations and files from the table `feed`, and progress."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from fastapi import Request

from gateway.adapters.hub import Live, Subscriber
from gateway.adapters.messages import of_feed
from gateway.api import sse
from gateway.api.front import Front
from gateway.api.project_stream import RECHECK_SECONDS
from gateway.projections import FeedRow, feed_after, feed_bounds
from runtime import clock
from runtime.context import acting
from runtime.problems import Unauthorized, Unavailable

_PAGE = 200


@dataclass
class UserStream:
    """One client of one person. `open` first, which may refuse; then `events`."""

    front: Front
    request: Request
    position: int = 0
    _lost: bool = False
    _due: float = field(default=0.0)

    async def open(self, resume_from: int | None) -> Subscriber:
        session = await self.front.session(self.request)
        if session is None:
            raise Unauthorized("sign in first")
        async with acting(self.front.pools.app, self.front.signer, session.user_id) as connection:
            oldest, newest = await feed_bounds(connection, session.user_id)
        # Older than what is kept, or from another life of this database.
        self._lost = resume_from is not None and not oldest <= resume_from <= newest
        self.position = newest if resume_from is None or self._lost else resume_from
        return Subscriber(session.user_id)

    async def events(self, subscriber: Subscriber) -> AsyncIterator[bytes]:
        first = sse.reset(self.position) if self._lost else sse.ready(self.position)
        yield sse.RETRY + first
        subscriber.missed = True
        told = time.monotonic()
        with self.front.hub.subscribed(subscriber):
            while not self.front.hub.closing:
                if not await self._may_listen(subscriber):
                    yield sse.ended("session_ended")
                    return
                async for live in self._news(subscriber):
                    yield sse.encode(live)
                    told = time.monotonic()
                if time.monotonic() - told > sse.KEEP_ALIVE_SECONDS:
                    yield sse.KEEP_ALIVE
                    told = time.monotonic()
                await subscriber.wait(max(0.0, self._due - time.monotonic()))

    async def _may_listen(self, subscriber: Subscriber) -> bool:
        if not subscriber.recheck and time.monotonic() < self._due:
            return True
        self._due = time.monotonic() + RECHECK_SECONDS
        subscriber.recheck = False
        try:
            session = await self.front.session(self.request)
        except Unavailable:
            return True  # their own feed, and their session was good a moment ago
        return session is not None and session.user_id == subscriber.user_id

    async def _news(self, subscriber: Subscriber) -> AsyncIterator[Live]:
        for live in subscriber.take():
            yield live
        while subscriber.missed:
            subscriber.missed = False
            for row in await self._rows(subscriber.user_id):
                self.position = row.position
                yield _live(row)
                subscriber.missed = True  # perhaps there is more

    async def _rows(self, user_id: str) -> list[FeedRow]:
        async with acting(self.front.pools.app, self.front.signer, user_id) as connection:
            return await feed_after(connection, user_id, self.position, _PAGE)


def _live(row: FeedRow) -> Live:
    told = of_feed(row.subject, row.type, clock.iso(row.occurred_at), row.data)
    return Live(told["type"], told, row.position)
