"""How often the same address, or the same account, may knock. Counted in this process."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_MOST_COUNTERS = 100_000


@dataclass(frozen=True)
class Rule:
    """At most `most` requests in `window` seconds."""

    window: float
    most: int


ANY = Rule(10, 100)
SIGNING = Rule(10, 3)
PER_ACCOUNT = Rule(60, 10)

_BY_PATH: tuple[tuple[str, Rule], ...] = (
    ("/sign-in", SIGNING),
    ("/sign-up", SIGNING),
    ("/change-", SIGNING),
    ("/delete-user", SIGNING),
)


def rule_of(path: str) -> Rule:
    """The rule of a path below `/api/auth`."""
    return next((rule for start, rule in _BY_PATH if path.startswith(start)), ANY)


class Rates:
    """Fixed windows that start with their first request; the oldest counters make room."""

    def __init__(self, on: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._on = on
        self._clock = clock
        self._counters: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def knock(self, key: str, rule: Rule) -> int | None:
        """Count a request: None when it may pass, else the whole seconds to wait."""
        if not self._on:
            return None
        now = self._clock()
        start, count = self._counters.get(key, (now, 0))
        if now - start >= rule.window:
            start, count = now, 0
        if count >= rule.most:
            return max(1, int(start + rule.window - now + 0.999))
        self._counters[key] = (start, count + 1)
        self._counters.move_to_end(key)
        if len(self._counters) > _MOST_COUNTERS:
            self._counters.popitem(last=False)
        return None
