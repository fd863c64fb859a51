"""A plain client of the gateway: one browser-like session, clear failures, files both ways."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import aiohttp

Json = dict[str, Any]


class DemoFailed(Exception):
    """A step did not do what it should; the message says which and why, in one line."""


class Gateway:
    """Talks to the gateway like a web client: cookies, an Origin, an idempotency key a request."""

    def __init__(self, base_url: str, session: aiohttp.ClientSession) -> None:
        self.base_url = base_url.rstrip("/")
        self._session = session

    @classmethod
    @asynccontextmanager
    async def open(cls, base_url: str) -> "AsyncGenerator[Gateway]":
        jar = aiohttp.CookieJar(unsafe=True)
        timeout = aiohttp.ClientTimeout(total=60)
        async with aiohttp.ClientSession(cookie_jar=jar, timeout=timeout) as session:
            yield cls(base_url, session)

    async def get(self, path: str, **params: str) -> Any:
        return await self._call("GET", path, params=params)

    async def post(self, path: str, body: Json | None = None) -> Any:
        return await self._call("POST", path, json=body or {})

    async def patch(self, path: str, body: Json, **params: str) -> Any:
        return await self._call("PATCH", path, json=body, params=params)

    async def delete(self, path: str) -> Any:
        return await self._call("DELETE", path)

    async def refused(self, method: str, path: str, body: Json | None = None) -> tuple[int, Json]:
        """Call something and hand back a refusal instead of failing on it."""
        async with self._send(method, path, json=body) as answer:
            return answer.status, await answer.json(content_type=None) or {}

    async def _call(self, method: str, path: str, **options: Any) -> Any:
        async with self._send(method, path, **options) as answer:
            body = await answer.json(content_type=None) if answer.content_length != 0 else None
            if answer.status >= 400:
                raise DemoFailed(f"{method} {path} answered {answer.status}: {_reason(body)}")
            return body

    def _send(self, method: str, path: str, **options: Any) -> Any:
        headers = {"Origin": self.base_url, "Idempotency-Key": str(uuid4())}
        return self._session.request(method, self.base_url + path, headers=headers, **options)

    async def upload(self, file: Path, mime_type: str) -> str:
        """Presigned upload: bytes go straight to the object store. Returns the media id."""
        content = await asyncio.to_thread(file.read_bytes)
        ticket = await self.post(
            "/v1/media/uploads",
            {"filename": file.name, "mimeType": mime_type, "fileSize": len(content)},
        )
        await self.put_bytes(ticket, file.name, mime_type, content)
        done = await self.post(f"/v1/media/uploads/{ticket['id']}/complete")
        if done["status"] != "ready":
            raise DemoFailed(f"the upload of {file.name} ended as {done['status']}")
        return str(done["mediaId"])

    async def put_bytes(self, ticket: Json, name: str, mime_type: str, content: bytes) -> None:
        data: Any = content
        if ticket["method"] == "POST":
            data = aiohttp.FormData(ticket["fields"])
            data.add_field("file", content, filename=name, content_type=mime_type)
        headers: dict[str, str] = ticket["headers"]
        url = ticket["url"]
        async with self._session.request(ticket["method"], url, data=data, headers=headers) as sent:
            if sent.status >= 300:
                raise DemoFailed(f"the object store refused {name}: {sent.status}")

    async def download(self, path: str, folder: Path, stem: str) -> Path:
        """Follow the signed redirect and keep the file under `stem` with its own ending."""
        headers = {"Idempotency-Key": str(uuid4())}
        async with self._session.get(self.base_url + path, headers=headers) as answer:
            if answer.status != 200 or not answer.history:
                raise DemoFailed(f"GET {path} did not lead to a signed file: {answer.status}")
            content = await answer.read()
            endings = {"video/mp4": ".mp4", "image/png": ".png", "image/jpeg": ".jpg"}
            target = folder / (stem + endings.get(answer.content_type, ".bin"))
        await asyncio.to_thread(target.write_bytes, content)
        return target

    async def live(self, path: str, heard: Callable[[str, Json], None]) -> None:
        """Follow a live feed until cancelled; `heard(event name, data)` for each message."""
        import json

        timeout = aiohttp.ClientTimeout(total=None, sock_read=None)
        async with self._session.get(self.base_url + path, timeout=timeout) as answer:
            if answer.status != 200:
                raise DemoFailed(f"GET {path} answered {answer.status}")
            name = "message"
            async for line in answer.content:
                text = line.decode().rstrip("\n")
                if text.startswith("event:"):
                    name = text[6:].strip()
                elif text.startswith("data:"):
                    heard(name, json.loads(text[5:]))

    async def until(
        self, path: str, done: Callable[[Json], bool], what: str, seconds: float = 60
    ) -> Json:
        """Poll a resource until `done`; raises DemoFailed with its last state."""
        end = time.monotonic() + seconds
        while True:
            state: Json = await self.get(path)
            if done(state):
                return state
            if time.monotonic() > end:
                raise DemoFailed(f"{what} was still {state.get('status')} after {seconds:.0f} s")
            await asyncio.sleep(0.15)


def _reason(body: Any) -> str:
    if not isinstance(body, dict):
        return "no reason given"
    problem = cast(Json, body)
    parts = [str(problem.get("detail") or problem.get("title") or problem.get("message") or "")]
    errors = cast(list[Json], problem.get("errors") or [])
    parts += [f"{error['pointer']} {error['message']}" for error in errors]
    return "; ".join(part for part in parts if part) or "no reason given"
