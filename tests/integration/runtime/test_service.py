"""A service runs, mends its tasks, and ends in time."""

import asyncio
import socket
import time
from types import SimpleNamespace
from typing import cast

import aiohttp
import pytest
from fastapi import FastAPI

from runtime.http import create_app
from runtime.service import Service, run
from runtime.settings import ServiceSettings


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def service(name: str, port: int, app: FastAPI | None = None) -> Service:
    settings = SimpleNamespace(http_host="127.0.0.1", http_port=port, otlp_endpoint=None)
    return Service(name, cast(ServiceSettings, settings), app or create_app(name, title=name))


async def reached(url: str) -> int:
    async with aiohttp.ClientSession() as client:
        for _ in range(100):
            try:
                async with client.get(url) as answer:
                    return answer.status
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.02)
    raise AssertionError("never reached")


async def test_several_services_share_one_loop_and_end_together() -> None:
    stop = asyncio.Event()
    ports = [free_port(), free_port()]
    order: list[str] = []
    one, two = (service(name, port) for name, port in zip(("one", "two"), ports, strict=True))

    async def relay(stopping: asyncio.Event) -> None:
        await stopping.wait()
        order.append("task")

    async def close() -> None:
        order.append("closed")

    one.tasks["relay"] = relay
    one.on_stop.append(close)
    running = asyncio.create_task(run([one, two], stop))
    for port in ports:
        assert await reached(f"http://127.0.0.1:{port}/livez") == 200
    started = time.monotonic()
    stop.set()
    await running
    assert time.monotonic() - started < 2
    assert order == ["task", "closed"]


async def test_a_task_that_fails_is_started_again() -> None:
    stop = asyncio.Event()
    one = service("one", free_port())
    runs: list[float] = []
    third = asyncio.Event()

    async def flaky(stopping: asyncio.Event) -> None:
        runs.append(time.monotonic())
        if len(runs) < 3:
            raise RuntimeError("broker gone")
        third.set()
        await stopping.wait()

    one.tasks["flaky"] = flaky
    running = asyncio.create_task(run([one], stop))
    await third.wait()
    stop.set()
    await running
    assert runs[2] - runs[1] > runs[1] - runs[0]


async def test_what_does_not_stop_is_stopped_within_five_seconds() -> None:
    stop = asyncio.Event()
    app = create_app("one", title="one")

    @app.get("/slow")
    async def slow() -> None:  # pyright: ignore[reportUnusedFunction] - a route
        await asyncio.sleep(60)

    port = free_port()
    one = service("one", port, app)

    async def deaf(stopping: asyncio.Event) -> None:
        await asyncio.sleep(60)

    async def stuck() -> None:
        await asyncio.sleep(60)

    one.tasks["deaf"] = deaf
    one.on_stop.append(stuck)
    running = asyncio.create_task(run([one], stop))
    await reached(f"http://127.0.0.1:{port}/livez")
    asking = asyncio.create_task(reached(f"http://127.0.0.1:{port}/slow"))
    await asyncio.sleep(0.1)
    started = time.monotonic()
    stop.set()
    await running
    assert time.monotonic() - started < 5
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)


async def test_a_taken_port_is_an_error_not_an_exit() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        with pytest.raises(ExceptionGroup) as failed:
            await run([service("one", port)], asyncio.Event())
    assert isinstance(failed.value.exceptions[0], OSError)
