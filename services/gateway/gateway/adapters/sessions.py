"""Who is behind a cookie: asked of identity, remembered for five seconds at most."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import orjson

from auth.http import INTERNAL_HEADER
from gateway.adapters.upstream import Upstream, away

_REMEMBERED_SECONDS = 5.0
_ENDED_SECONDS = 30.0
# Nobody gets in without this answer, so nobody waits long for it.
_PATIENCE_SECONDS = 5.0
_MOST = 20_000


@dataclass(frozen=True)
class Session:
    """A live session and the tokens that the services believe, one per service."""

    session_id: str
    user_id: str
    tokens: dict[str, str]


class Sessions:
    """Raises `Unavailable` when identity is away: an outage is never "no session"."""

    def __init__(
        self,
        upstream: Upstream,
        internal_secret: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._upstream = upstream
        self._headers = {INTERNAL_HEADER: internal_secret}
        self._clock = clock
        self._known: OrderedDict[bytes, tuple[float, Session | None]] = OrderedDict()
        self._asking: dict[bytes, asyncio.Task[Session | None]] = {}
        self._ended: dict[str, float] = {}

    async def of(self, cookie: str) -> Session | None:
        """The session of a session cookie's value, None when it opens none."""
        key = _key(cookie)
        until, session = self._known.get(key, (0.0, None))
        if until > self._clock():
            return session
        asking = self._asking.get(key)
        if asking is None:
            # One question for all who ask at the same moment.
            asking = asyncio.create_task(self._ask(key, cookie))
            self._asking[key] = asking
            asking.add_done_callback(lambda _: self._asking.pop(key, None))
        return await asyncio.shield(asking)

    def forget_cookie(self, cookie: str) -> None:
        self._known.pop(_key(cookie), None)

    def end_session(self, session_id: str) -> None:
        """Nobody is let in by this session any more, nor by an answer still under way."""
        self._end(session_id)
        self._drop(lambda session: session.session_id == session_id)

    def end_user(self, user_id: str) -> None:
        self._end(user_id)
        self._drop(lambda session: session.user_id == user_id)

    async def _ask(self, key: bytes, cookie: str) -> Session | None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                status, body = await self._upstream.post_json(
                    "identity",
                    "/internal/sessions/resolve",
                    orjson.dumps({"cookie": cookie}),
                    headers=self._headers,
                )
        except TimeoutError as error:
            raise away("identity") from error
        if status != 200 or not isinstance(body, dict):
            raise away("identity")
        session = _read(cast("dict[str, Any]", body))
        if session and (session.session_id in self._ended or session.user_id in self._ended):
            return None
        self._known[key] = (self._clock() + _REMEMBERED_SECONDS, session)
        self._known.move_to_end(key)
        while len(self._known) > _MOST:
            self._known.popitem(last=False)
        return session

    def _drop(self, ended: Callable[[Session], bool]) -> None:
        for key, (_, session) in list(self._known.items()):
            if session and ended(session):
                del self._known[key]

    def _end(self, name: str) -> None:
        now = self._clock()
        self._ended = {one: until for one, until in self._ended.items() if until > now}
        self._ended[name] = now + _ENDED_SECONDS


def cookie_of(header: str | None, name: str) -> str | None:
    """The value of one cookie in a Cookie header."""
    if not header or name not in header:
        return None
    for part in header.split(";"):
        found, _, value = part.strip().partition("=")
        if found == name and value:
            return value
    return None


def _key(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode()).digest()


def _read(body: dict[str, Any]) -> Session | None:
    if not body.get("session") or not body.get("user"):
        return None
    return Session(body["session"]["id"], body["user"]["id"], dict(body.get("tokens") or {}))
