"""A project's live feed: the history from where the client was, then the topic, without a gap.

Versions are the only truth: what comes from the topic is passed on when it is the next version,
dropped when it was told, and when one is missing the history of the project fills in. The history
is asked every few seconds anyway, as the person: whoever lost access hears nothing more.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlencode

from fastapi import Request

from gateway.adapters.hub import Live, Subscriber
from gateway.adapters.messages import of_history
from gateway.adapters.routing import PROJECTS
from gateway.adapters.sessions import Session
from gateway.adapters.upstream import away
from gateway.api import sse
from gateway.api.front import Front
from runtime.problems import NotFound, Problem, Unauthorized, Unavailable

RECHECK_SECONDS = 4.0
_PAGE = 200


class Ended(Exception):
    """The feed is over for this person: `reason` is told to the client."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class ProjectStream:
    """One client of one project. `open` first, which may refuse; then `events`."""

    front: Front
    request: Request
    project_id: str
    version: int = 0
    _lost: bool = False
    _due: float = field(default=0.0)

    async def open(self, resume_from: int | None) -> Subscriber:
        """Find out where the feed begins, as the person. Raises the problem that they get.

        The subscriber must be in the hub before the first look at the history: `events` does so.
        """
        session = await self._session()
        subscriber = Subscriber(session.user_id, self.project_id)
        if resume_from is None:
            self.version = await self._current_version(session)
        else:
            self.version = resume_from
            # Asked for the very version the client knows: absent, it is from another life of ours.
            if resume_from and not await self._page(session, after=resume_from - 1, limit=1):
                self.version, self._lost = await self._current_version(session), True
            elif not resume_from:
                await self._page(session, after=0, limit=1)
        return subscriber

    async def events(self, subscriber: Subscriber) -> AsyncIterator[bytes]:
        first = sse.reset(self.version) if self._lost else sse.ready(self.version)
        yield sse.RETRY + first
        subscriber.missed = True
        told = time.monotonic()
        with self.front.hub.subscribed(subscriber):
            try:
                while not self.front.hub.closing:
                    async for live in self._news(subscriber):
                        yield sse.encode(live)
                        told = time.monotonic()
                    if time.monotonic() - told > sse.KEEP_ALIVE_SECONDS:
                        yield sse.KEEP_ALIVE
                        told = time.monotonic()
                    await subscriber.wait(max(0.0, self._due - time.monotonic()))
            except Ended as end:
                yield sse.ended(end.reason)

    async def _news(self, subscriber: Subscriber) -> AsyncIterator[Live]:
        for live in subscriber.take():
            if live.version is None:
                yield live
            elif live.version == self.version + 1 and not subscriber.missed:
                self.version = live.version
                yield live
            elif live.version > self.version:
                subscriber.missed = True
        if subscriber.missed or subscriber.recheck or time.monotonic() >= self._due:
            subscriber.missed = subscriber.recheck = False
            async for live in self._history():
                yield live

    async def _history(self) -> AsyncIterator[Live]:
        """What the client has not heard yet; also the proof that they may still listen."""
        while True:
            page = await self._checked_page()
            self._due = time.monotonic() + RECHECK_SECONDS
            for live in page:
                if live.version == self.version + 1:
                    self.version += 1
                    yield live
            if len(page) < _PAGE:
                return

    async def _checked_page(self) -> list[Live]:
        while not self.front.hub.closing:
            try:
                session = await self._session()
                return await self._page(session, after=self.version, limit=_PAGE)
            except Unavailable:
                # Nothing is told while nobody can say who may listen; the client keeps its place.
                await asyncio.sleep(1.0)
            except Unauthorized:
                raise Ended("session_ended") from None
            except Problem as problem:
                raise Ended("not_found" if problem.status == 404 else "forbidden") from None
        raise Ended("closing")

    async def _session(self) -> Session:
        session = await self.front.session(self.request)
        if session is None:
            raise Unauthorized("sign in first")
        return session

    async def _current_version(self, session: Session) -> int:
        headers = await self.front.headers_for(session, PROJECTS)
        answer = await self.front.upstream.send(
            PROJECTS, "GET", f"/v1/projects/{self.project_id}", headers=headers
        )
        answer.close()  # only the version is wanted, not the document
        _check(answer.status)
        found = sse.position_of(answer.headers.get("etag", "").strip('W/"'))
        if found is None:
            raise away(PROJECTS)
        return found

    async def _page(self, session: Session, *, after: int, limit: int) -> list[Live]:
        status, body, _ = await self.front.upstream.get_json(
            PROJECTS,
            f"/v1/projects/{self.project_id}/events",
            headers=await self.front.headers_for(session, PROJECTS),
            query=urlencode({"after": after, "limit": limit}),
        )
        _check(status)
        if not isinstance(body, dict):
            raise away(PROJECTS)
        items = cast("list[dict[str, Any]]", cast("dict[str, Any]", body).get("items", []))
        return sorted((of_history(item) for item in items), key=lambda live: live.version or 0)


def _check(status: int) -> None:
    if status == 200:
        return
    if status >= 500:
        raise away(PROJECTS)
    if status in (404, 422):
        raise NotFound("no such project, or you may not see it")
    raise Problem(status=status)
