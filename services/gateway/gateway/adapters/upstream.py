"""The services behind the gateway, over HTTP: streamed both ways, never retried, never followed."""

from collections.abc import AsyncIterable, Mapping
from contextlib import suppress
from typing import Any

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from runtime.problems import Unavailable
from runtime.telemetry import current_traceparent

_CONNECT_SECONDS = 2.0
_SILENCE_SECONDS = 30.0
# Shorter than the services keep idle connections: else a POST meets one that is just closing.
_KEEP_ALIVE_SECONDS = 3.0
_RETRY_AFTER_SECONDS = 1


class Upstream:
    """Raises `Unavailable` (503) when a service does not answer."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self.addresses = {name: url.rstrip("/") for name, url in addresses.items()}
        self._session: aiohttp.ClientSession | None = None

    async def send(
        self,
        service: str,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | CIMultiDict[str],
        query: str = "",
        body: AsyncIterable[bytes] | bytes | None = None,
    ) -> aiohttp.ClientResponse:
        """The answer with its body still to be read; the caller releases it.

        `path` and `query` go out exactly as given, percent-encoding included.
        """
        url = URL(f"{self.addresses[service]}{path}{'?' + query if query else ''}", encoded=True)
        sent = CIMultiDict(headers)
        if traceparent := current_traceparent():
            sent["traceparent"] = traceparent
        try:
            return await self._open().request(
                method, url, headers=sent, data=body, allow_redirects=False
            )
        except (TimeoutError, aiohttp.ClientConnectionError, OSError) as error:
            raise away(service) from error

    async def get_json(
        self, service: str, path: str, *, headers: Mapping[str, str], query: str = ""
    ) -> tuple[int, Any, CIMultiDictProxy[str]]:
        """Status, parsed body and headers of a small JSON document."""
        answer = await self.send(service, "GET", path, headers=headers, query=query)
        return answer.status, await _json(service, answer), answer.headers

    async def post_json(
        self, service: str, path: str, body: bytes, *, headers: Mapping[str, str]
    ) -> tuple[int, Any]:
        sent = {**headers, "content-type": "application/json"}
        answer = await self.send(service, "POST", path, headers=sent, body=body)
        return answer.status, await _json(service, answer)

    async def check(self, service: str) -> None:
        """Raises unless the service says that it is ready."""
        answer = await self.send(service, "GET", "/readyz", headers={})
        answer.release()
        if answer.status != 200:
            raise away(service)

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        # Made at first use: it belongs to the loop that serves.
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=("User-Agent", "Content-Type", "Accept-Encoding"),
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=_CONNECT_SECONDS, sock_read=_SILENCE_SECONDS
                ),
            )
        return self._session


def away(service: str) -> Unavailable:
    return Unavailable(f"{service} does not answer", retry_after_seconds=_RETRY_AFTER_SECONDS)


async def _json(service: str, answer: aiohttp.ClientResponse) -> Any:
    try:
        with suppress(ValueError):
            return await answer.json(content_type=None)
        return None
    except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError) as error:
        raise away(service) from error
    finally:
        answer.release()
