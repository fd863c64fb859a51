"""A small reader of Server-Sent Events, as a browser reads them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

from tests.support.site import Person


@dataclass(frozen=True)
class Heard:
    name: str
    data: dict[str, Any]
    id: int | None


@dataclass
class FeedReader:
    answer: aiohttp.ClientResponse
    heard: list[Heard] = field(default_factory=list[Heard])

    async def next(self, seconds: float = 5) -> Heard:
        """The next event; comments and retry hints are passed over. TimeoutError when none."""
        async with asyncio.timeout(seconds):
            while True:
                fields: dict[str, str] = {}
                while line := (await self.answer.content.readline()).decode().rstrip("\n"):
                    name, _, value = line.partition(": ")
                    fields[name] = value
                if "event" in fields:
                    number = fields.get("id")
                    found = Heard(
                        fields["event"],
                        orjson.loads(fields["data"]),
                        int(number) if number else None,
                    )
                    self.heard.append(found)
                    return found
                if self.answer.content.at_eof():
                    raise EOFError("the feed ended")

    async def until(self, version: int, seconds: float = 10) -> list[int]:
        """The ids heard up to this one, `ready` left out."""
        async with asyncio.timeout(seconds):
            while True:
                one = await self.next(seconds)
                if one.id is not None and one.id >= version:
                    return [one.id for one in self.heard if one.id and one.name != "ready"]


@asynccontextmanager
async def listening(
    person: Person, path: str, last_event_id: int | None = None
) -> AsyncGenerator[FeedReader]:
    headers = {} if last_event_id is None else {"Last-Event-ID": str(last_event_id)}
    answer = await person.get(path, headers=headers, timeout=aiohttp.ClientTimeout(total=None))
    assert answer.status == 200, await answer.text()
    assert answer.content_type == "text/event-stream"
    try:
        yield FeedReader(answer)
    finally:
        answer.close()
