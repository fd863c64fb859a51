"""What clients are told while a part is away."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
from pydantic import SecretStr

from gateway.app import build
from objects import ObjectSettings
from runtime.service import run
from tests.support.site import Site, free_port


async def test_a_service_that_is_down_is_503_with_a_hint(site: Site) -> None:
    person = await site.person()
    async with _gateway(site, projects_url=f"http://127.0.0.1:{free_port()}") as url:
        answer = await person.browser.get(f"{url}/v1/formats")
        said = await answer.json(content_type=None)
        assert (answer.status, said["type"]) == (503, "/problems/unavailable")
        assert answer.headers["Retry-After"] == "1"
        assert (await person.browser.get(f"{url}/v1/me")).status == 200
        assert (await person.browser.get(f"{url}/readyz")).status == 503
        assert (await person.browser.get(f"{url}/livez")).status == 200


async def test_identity_down_is_never_nobody(site: Site) -> None:
    person = await site.person()
    async with _gateway(site, identity_url=f"http://127.0.0.1:{free_port()}") as url:
        for path in ("/v1/me", "/v1/formats", "/api/auth/get-session", "/v1/live"):
            answer = await person.browser.get(url + path)
            assert answer.status == 503, path
            assert "Retry-After" in answer.headers


async def test_what_needs_nobody_works_without_identity(site: Site) -> None:
    async with (
        _gateway(site, identity_url=f"http://127.0.0.1:{free_port()}") as url,
        aiohttp.ClientSession() as visitor,
    ):
        assert (await visitor.get(f"{url}/v1/formats")).status == 200


async def test_a_service_without_an_address_has_no_paths(site: Site) -> None:
    async with _gateway(site, projects_url=None) as url, aiohttp.ClientSession() as visitor:
        assert (await visitor.get(f"{url}/v1/formats")).status == 404


async def test_open_feeds_end_when_the_gateway_stops(site: Site) -> None:
    person = await site.person()
    async with _gateway(site) as url:
        feed = await person.browser.get(f"{url}/v1/live")
        assert await feed.content.readline() == b"retry: 2000\n"
        started = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - started < 2.5
    assert b"ready" in await feed.read()


@asynccontextmanager
async def _gateway(site: Site, **settings: Any) -> AsyncGenerator[str]:
    """Another gateway on the same databases, with some of its settings changed."""
    port = free_port()
    changed = site.gateway.model_copy(update={"http_port": port, **settings})
    objects = ObjectSettings(
        provider="s3",
        s3_endpoint="http://127.0.0.1:9",
        s3_access_key="key",
        s3_secret_key=SecretStr("secret"),
    )
    service = await build(changed, objects)
    kept = {name: task for name, task in service.tasks.items() if name == "hang-up"}
    stop = asyncio.Event()
    running = asyncio.create_task(run([replace(service, tasks=kept)], stop))
    url = f"http://127.0.0.1:{port}"
    await _listening(url)
    try:
        yield url
    finally:
        stop.set()
        await running


async def _listening(url: str) -> None:
    async with aiohttp.ClientSession() as visitor:
        for _ in range(100):
            try:
                await visitor.get(f"{url}/livez")
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)
            else:
                return
    raise AssertionError("the gateway does not listen")


async def test_identity_that_never_answers_is_not_waited_for(site: Site) -> None:
    person = await site.person()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    async with _gateway(site, identity_url=f"http://127.0.0.1:{port}") as url:
        began = asyncio.get_running_loop().time()
        answer = await person.browser.get(f"{url}/v1/formats")
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        assert asyncio.get_running_loop().time() - began < 8
    silent.close()
