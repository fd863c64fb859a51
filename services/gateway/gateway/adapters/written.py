"""What each person wrote in the last minute, so that they read it from whatever service (D15)."""

import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, cast

from valkey.asyncio import Valkey
from valkey.exceptions import ValkeyError

log = logging.getLogger(__name__)

SECONDS = 60
_AWAY_SECONDS = 2.0
_MOST_SUBJECTS = 64
_MOST_ACTORS = 50_000

_KEEP_HIGHEST = """
local known = redis.call('HGET', KEYS[1], ARGV[1])
if not known or tonumber(known) < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
redis.call('HEXPIRE', KEYS[1], ARGV[3], 'FIELDS', 1, ARGV[1])
"""


class Written(Protocol):
    """Highest version per subject (`projects/<id>`) and actor, for a minute."""

    async def note(self, actor: str, versions: dict[str, int]) -> None: ...
    async def after(self, actor: str) -> str:
        """The value of `Multicanvas-After`, empty when nothing was written."""
        ...

    async def close(self) -> None: ...


def read_wrote(header: str | None) -> dict[str, int]:
    """`projects/<id>=7, …` as a mapping; what does not look like that is left out."""
    found: dict[str, int] = {}
    for pair in (header or "").split(","):
        subject, _, version = pair.strip().rpartition("=")
        if "/" in subject and version.isascii() and version.isdigit():
            found[subject] = max(int(version), found.get(subject, 0))
    return found


class WrittenHere:
    """In this process: enough for one gateway."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._actors: OrderedDict[str, OrderedDict[str, tuple[int, float]]] = OrderedDict()

    async def note(self, actor: str, versions: dict[str, int]) -> None:
        until = self._clock() + SECONDS
        subjects = self._actors.setdefault(actor, OrderedDict())
        self._actors.move_to_end(actor)
        for subject, version in versions.items():
            known = subjects.get(subject, (0, 0.0))[0]
            subjects[subject] = (max(known, version), until)
            subjects.move_to_end(subject)
        while len(subjects) > _MOST_SUBJECTS:
            subjects.popitem(last=False)
        while len(self._actors) > _MOST_ACTORS:
            self._actors.popitem(last=False)

    async def after(self, actor: str) -> str:
        now = self._clock()
        subjects = self._actors.get(actor)
        if subjects is None:
            return ""
        for subject in [name for name, (_, until) in subjects.items() if until <= now]:
            del subjects[subject]
        if not subjects:
            del self._actors[actor]
        return _header({subject: version for subject, (version, _) in subjects.items()})

    async def close(self) -> None:
        self._actors.clear()


class WrittenInValkey:
    """Shared by several gateways.

    While Valkey is away each gateway remembers its own answers, and asks Valkey only now and then:
    people may briefly read what was before from another gateway, but nobody waits.
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._valkey = Valkey.from_url(
            url, decode_responses=True, socket_timeout=0.5, socket_connect_timeout=0.5
        )
        # The client's own types know neither its being async nor what it reads.
        commands = cast("Any", self._valkey)
        self._read = cast("Callable[[str], Awaitable[dict[str, str]]]", commands.hgetall)
        self._run = cast("Callable[..., Awaitable[object]]", commands.eval)
        self._here = WrittenHere(clock)
        self._clock = clock
        self._away_until = 0.0

    async def note(self, actor: str, versions: dict[str, int]) -> None:
        await self._here.note(actor, versions)
        if self._clock() < self._away_until:
            return
        try:
            for subject, version in versions.items():
                await self._run(_KEEP_HIGHEST, 1, _name(actor), subject, str(version), str(SECONDS))
        except (ValkeyError, OSError, TimeoutError) as error:
            self._rest(error)

    async def after(self, actor: str) -> str:
        here = await self._here.after(actor)
        if self._clock() < self._away_until:
            return here
        try:
            found = await self._read(_name(actor))
        except (ValkeyError, OSError, TimeoutError) as error:
            self._rest(error)
            return here
        # What was noted while Valkey was away is known only here.
        versions = read_wrote(here)
        for subject, version in found.items():
            versions[subject] = max(int(version), versions.get(subject, 0))
        return _header(versions)

    async def close(self) -> None:
        await self._valkey.aclose()

    def _rest(self, error: Exception) -> None:
        self._away_until = self._clock() + _AWAY_SECONDS
        log.warning("valkey is away", extra={"reason": type(error).__name__})


def open_written(url: str | None) -> Written:
    return WrittenInValkey(url) if url else WrittenHere()


def _name(actor: str) -> str:
    return f"multicanvas:wrote:{actor}"


def _header(versions: dict[str, int]) -> str:
    newest = list(versions.items())[-_MOST_SUBJECTS:]
    return ", ".join(f"{subject}={version}" for subject, version in newest)
