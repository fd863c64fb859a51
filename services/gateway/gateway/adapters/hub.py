"""Live subscribers of this process, and a bounded place for what they have not read yet."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

_MOST_WAITING = 256


@dataclass(frozen=True)
class Live:
    """One thing to tell. `version` is None for progress, which has no place in any order."""

    type: str
    data: dict[str, Any]
    version: int | None = None


@dataclass(eq=False)
class Subscriber:
    """One open feed. Falling behind loses nothing: `missed` sends the feed back to the store."""

    user_id: str
    project_id: str | None = None
    waiting: deque[Live] = field(default_factory=deque[Live])
    missed: bool = False
    recheck: bool = False
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, live: Live) -> None:
        if len(self.waiting) >= _MOST_WAITING:
            self.waiting.clear()
            self.missed = True
        self.waiting.append(live)
        self._news.set()

    def poke(self, *, recheck: bool = False, missed: bool = False) -> None:
        """Wake the feed: to look at its access again, or at the store."""
        self.recheck = self.recheck or recheck
        self.missed = self.missed or missed
        self._news.set()

    async def wait(self, seconds: float) -> None:
        """Until there is news, at most that long."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()

    def take(self) -> list[Live]:
        taken = list(self.waiting)
        self.waiting.clear()
        return taken


class Hub:
    """Finds the subscribers of a project or a person."""

    def __init__(self) -> None:
        self._projects: dict[str, set[Subscriber]] = defaultdict(set)
        self._users: dict[str, set[Subscriber]] = defaultdict(set)
        self.closing = False

    @contextmanager
    def subscribed(self, subscriber: Subscriber) -> Generator[Subscriber]:
        """Told everything from the first line of the block to its last."""
        project = subscriber.project_id
        if project is not None:
            self._projects[project].add(subscriber)
        self._users[subscriber.user_id].add(subscriber)
        try:
            yield subscriber
        finally:
            _leave(self._users, subscriber.user_id, subscriber)
            if project is not None:
                _leave(self._projects, project, subscriber)

    def of_project(self, project_id: str) -> list[Subscriber]:
        return list(self._projects.get(project_id, ()))

    def of_user(self, user_id: str, *, feed_only: bool = False) -> list[Subscriber]:
        """`feed_only`: their own feed, not the projects they look at."""
        found = self._users.get(user_id, ())
        return [one for one in found if not (feed_only and one.project_id)]

    def feed_users(self) -> list[str]:
        """Everybody whose own feed is open here."""
        return [
            user for user, found in self._users.items() if any(not one.project_id for one in found)
        ]

    def close(self) -> None:
        """End every feed soon: this process stops."""
        self.closing = True
        for found in self._users.values():
            for subscriber in found:
                subscriber.poke()


def _leave(index: dict[str, set[Subscriber]], key: str, subscriber: Subscriber) -> None:
    index[key].discard(subscriber)
    if not index[key]:
        del index[key]
