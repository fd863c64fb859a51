"""Runs services: HTTP servers and background tasks in one asyncio loop, stopped gracefully."""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import uvicorn
from fastapi import FastAPI

from runtime import logs, metrics, telemetry
from runtime.migrate import migrate
from runtime.settings import ServiceSettings

log = logging.getLogger(__name__)

Task = Callable[[asyncio.Event], Awaitable[None]]

_GRACE_SECONDS = 3.0
_LAST_SECONDS = 1.0
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 15.0


@dataclass
class Service:
    """One service, composed and ready to run.

    `tasks` run until the stop event is set and are started again with a growing pause when they
    raise. `on_stop` runs in order after everything else has ended. `checks` raise when a part is
    away; hand the same mapping to `http.create_app`.
    """

    name: str
    settings: ServiceSettings
    http: FastAPI
    tasks: dict[str, Task] = field(default_factory=dict[str, Task])
    on_stop: list[Callable[[], Awaitable[None]]] = field(
        default_factory=list[Callable[[], Awaitable[None]]]
    )
    checks: Mapping[str, Callable[[], Awaitable[object]]] = field(
        default_factory=dict[str, Callable[[], Awaitable[object]]]
    )


async def run(services: Sequence[Service], stop: asyncio.Event) -> None:
    """Serve until `stop` is set, then end within five seconds.

    Raises `OSError` when a port is taken; the other services are stopped then, too.
    """
    try:
        async with asyncio.TaskGroup() as group:
            for service in services:
                group.create_task(_run_one(service, stop), name=service.name)
    finally:
        telemetry.flush()


async def _run_one(service: Service, stop: asyncio.Event) -> None:
    telemetry.enter_service(service.name)
    if service.settings.otlp_endpoint:
        telemetry.export_traces(service.settings.otlp_endpoint)
    server = _Server(
        uvicorn.Config(
            service.http,
            http="httptools",
            lifespan="auto",
            log_config=None,
            access_log=False,
            server_header=False,
            # Else any neighbour on this machine could claim an address by X-Forwarded-For.
            proxy_headers=False,
            date_header=True,
            timeout_graceful_shutdown=int(_GRACE_SECONDS),
        )
    )
    listening = _listen(service.settings.http_host, service.settings.http_port)
    running = [asyncio.create_task(server.serve([listening]), name=f"{service.name}.http")]
    for name, task in service.tasks.items():
        running.append(asyncio.create_task(_supervise(service.name, name, task, stop), name=name))
    log.info("serving", extra={"port": listening.getsockname()[1]})
    try:
        await stop.wait()
    finally:
        server.should_exit = True
        await _end(running)
        await _clean_up(service)
        listening.close()


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        # Signals belong to the process; several servers in one loop would take them in turn.
        yield


def _listen(host: str, port: int) -> socket.socket:
    # uvicorn ends the whole process when it cannot bind; an exception says the same to the caller.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol by name: asyncio turns Nagle's delay (40 ms an answer) off for named TCP only.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    listening.setblocking(False)
    return listening


async def _supervise(service: str, name: str, task: Task, stop: asyncio.Event) -> None:
    pause = _FIRST_PAUSE
    while not stop.is_set():
        started = time.monotonic()
        try:
            await task(stop)
            if stop.is_set():
                return
            log.warning("a background task ended by itself", extra={"task": name})
        except Exception:  # supervised: whatever it was, it is logged and tried again
            log.exception("a background task failed", extra={"task": name})
        metrics.TASK_RESTARTS.labels(service, name).inc()
        if time.monotonic() - started > _LONGEST_PAUSE:
            pause = _FIRST_PAUSE
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


async def _end(running: Sequence[asyncio.Task[None]]) -> None:
    _, late = await asyncio.wait(running, timeout=_GRACE_SECONDS)
    for task in late:
        log.warning("a task did not stop in time", extra={"task": task.get_name()})
        task.cancel()
    if late:
        await asyncio.wait(late, timeout=_LAST_SECONDS)


async def _clean_up(service: Service) -> None:
    for step in service.on_stop:
        try:
            await asyncio.wait_for(step(), _LAST_SECONDS)
        except Exception:  # one part that does not close must not keep the others open
            log.exception("a part did not close")


S = TypeVar("S", bound=ServiceSettings)


def main(
    build: Callable[[S], Awaitable[Service]],
    settings_type: type[S],
    migrations: Sequence[tuple[str, Path]],
) -> None:
    """`python -m <service> serve|migrate`, settings from the environment."""
    verb = sys.argv[1] if len(sys.argv) == 2 else ""
    if verb not in {"serve", "migrate"}:
        sys.exit(f"usage: python -m {settings_type.SERVICE} serve|migrate")
    settings = settings_type()  # pyright: ignore[reportCallIssue] - the environment fills the fields
    logs.configure(settings.log_level)
    telemetry.enter_service(settings.SERVICE)
    if verb == "migrate":
        asyncio.run(_migrate(settings, migrations))
    else:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(build, settings))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    import uvloop  # not on every platform that can read this module

    return uvloop.new_event_loop


async def _migrate(settings: ServiceSettings, migrations: Sequence[tuple[str, Path]]) -> None:
    done = await migrate(
        settings.owner_dsn.get_secret_value(), migrations, context_key=settings.context_signing_key
    )
    log.info("migrated", extra={"applied": done})


async def _serve(build: Callable[[S], Awaitable[Service]], settings: S) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await run([await build(settings)], stop)
