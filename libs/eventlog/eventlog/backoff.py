"""Growing pauses with jitter, so that many who failed together do not come back together."""

import asyncio
import random


class Backoff:
    """Waits about `first` seconds, then twice as long each time, up to `most`."""

    def __init__(self, first: float = 0.1, most: float = 5.0) -> None:
        self._first = first
        self._most = most
        self._failures = 0

    def reset(self) -> None:
        self._failures = 0

    async def pause(self, stop: asyncio.Event | None = None) -> None:
        """Wait; a `stop` that is set ends it early."""
        longest = min(self._most, self._first * 2**self._failures)
        self._failures = min(self._failures + 1, 30)
        seconds = longest * random.uniform(0.5, 1.0)
        if stop is None:
            await asyncio.sleep(seconds)
        else:
            await wait_for(stop, seconds)


async def wait_for(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event was set within that time."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
