"""A server that speaks OpenAI's chat API: remembers what came, answers as told."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

Reply = Callable[[], Awaitable[web.StreamResponse]]


@dataclass
class Provider:
    url: str = ""
    seen: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    replies: list[Reply] = field(default_factory=list[Reply])

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(await request.json())
        reply = self.replies.pop(0) if self.replies else writes("A text")
        return await reply()

    def will(self, *replies: Reply) -> None:
        """What it answers from here on, in this order; then `A text` again."""
        self.seen.clear()
        self.replies[:] = replies


def writes(text: str) -> Reply:
    async def reply() -> web.StreamResponse:
        message = {"role": "assistant", "content": text}
        return web.json_response(
            {
                "id": "c",
                "object": "chat.completion",
                "created": 1,
                "model": "gpt-6-luna",
                "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
                "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
            }
        )

    return reply


def fails(status: int, code: str | None = None, **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}

    async def reply() -> web.StreamResponse:
        error = {"message": "your prompt was SECRET", "type": "x", "code": code}
        return web.json_response({"error": error}, status=status, headers=sent)

    return reply


@asynccontextmanager
async def running_provider() -> AsyncGenerator[Provider]:
    provider = Provider()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", provider.handle)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    provider.url = str(server.make_url("/v1"))
    try:
        yield provider
    finally:
        await server.close()
