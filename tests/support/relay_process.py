"""A relay in a process of its own, to be killed: `python relay_process.py <JSON of its world>`."""

import asyncio
import json
import sys

from eventlog.relay import Relay
from runtime.database import open_direct
from tests.support.bus import Counted, Counter, Published, Topic


async def main() -> None:
    told = json.loads(sys.argv[1])
    message = type("CountedHere", (Counted,), {"TOPIC": told["topic"], "__module__": __name__})
    pool = await open_direct(told["dsn"], size=4)
    relay = Relay(
        told["service"],
        pool,
        told["kafka"],
        Published({Counter.Counted: message}),
        topics=[Topic(*topic) for topic in told["topics"]],
    )
    await relay.run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main())
