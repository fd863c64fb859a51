"""The whole system: parts, databases, services; started in order, watched, stopped in order."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

import aiohttp

from multicanvas.buckets import service_identities
from multicanvas.environment import Site, given_endpoints, given_s3_keys, site_environment
from multicanvas.installed import Installed, load_service
from multicanvas.parts import EmbeddedParts, Part, PartFailed, Passwords
from multicanvas.parts.child import Child, Order
from multicanvas.parts.ports import Ports, is_free
from multicanvas.preparing import Preparation, prepare
from multicanvas.progress import Progress
from multicanvas.secrets import SERVICES, Secrets, load_secrets
from runtime import service as runtime_service

log = logging.getLogger(__name__)

_READY_SECONDS = 120.0
_LOOK_SECONDS = 2.0


@dataclass(frozen=True)
class Plan:
    """What to run: all services in this process, or with `split` each in one of its own."""

    site: Site
    split: bool = False
    services: Sequence[str] = SERVICES


async def run_system(plan: Plan, progress: Progress, stop: asyncio.Event) -> None:
    """Runs until `stop` is set. Raises PartFailed, worded for people, when it cannot start."""
    site = plan.site
    if not is_free(site.port):
        raise PartFailed(
            f"port {site.port} is taken; choose another with --port or MULTICANVAS_PORT"
        )
    secrets = load_secrets(site.home / "secrets.json")
    given = given_endpoints(os.environ)
    parts = await asyncio.to_thread(EmbeddedParts, site.home, _passwords(secrets), given=given)
    if parts.notice:
        progress.step(parts.notice)
    endpoints = await asyncio.to_thread(parts.claim)
    ports = Ports(site.home / "ports.json")
    os.environ.update(site_environment(site, endpoints, secrets, ports))
    starting = {part.name: asyncio.create_task(_start(part, progress)) for part in parts.parts}
    try:
        # Importing everything takes a second or two, in which the parts come up.
        services = await asyncio.to_thread(lambda: [load_service(name) for name in plan.services])
        await prepare(Preparation(services, endpoints, secrets, starting, progress))
        await asyncio.gather(*starting.values())
        async with _serving(plan, services, stop):
            await _wait_until_ready(site, stop)
            if not stop.is_set():
                progress.ready(f"Multicanvas is ready: {site.public_url}")
            await _watch(parts, stop)
    finally:
        # Also when we failed while they were still coming up.
        await asyncio.gather(*starting.values(), return_exceptions=True)
        await asyncio.to_thread(parts.stop)


async def _start(part: Part, progress: Progress) -> None:
    await asyncio.to_thread(part.start)
    progress.step(f"{part.name} ready")


def _passwords(secrets: Secrets) -> Passwords:
    access_key, secret_key = given_s3_keys(os.environ, secrets)
    return Passwords(
        postgres=secrets.postgres,
        s3_access_key=access_key,
        s3_secret_key=secret_key,
        valkey=secrets.valkey,
        s3_others=service_identities(secrets),
    )


@contextlib.asynccontextmanager
async def _serving(
    plan: Plan, services: list[Installed], stop: asyncio.Event
) -> AsyncGenerator[None]:
    """Services run inside the block; when one cannot, `stop` is set and its error is raised."""
    run = _run_split(plan, stop) if plan.split else _run_together(services, stop)
    running = asyncio.create_task(run)
    running.add_done_callback(lambda _: stop.set())
    try:
        yield
    finally:
        stop.set()
        await running


async def _run_together(services: list[Installed], stop: asyncio.Event) -> None:
    built = [await service.build(service.settings()) for service in services]
    await runtime_service.run(built, stop)


async def _run_split(plan: Plan, stop: asyncio.Event) -> None:
    folder = plan.site.home / "services"
    folder.mkdir(exist_ok=True)
    children = {name: Child(name, folder) for name in plan.services}
    try:
        while not stop.is_set():
            for name, child in children.items():
                if not child.running():
                    order = Order([sys.executable, "-m", name, "serve"], signal.SIGTERM)
                    await asyncio.to_thread(child.start, order)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _LOOK_SECONDS)
    finally:
        await asyncio.gather(*(asyncio.to_thread(child.stop) for child in children.values()))


async def _watch(parts: EmbeddedParts, stop: asyncio.Event) -> None:
    """Brings parts back that ended by themselves, until `stop`."""
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _LOOK_SECONDS)
        if stop.is_set():
            return
        try:
            for name in await asyncio.to_thread(parts.revive):
                log.warning("a part had ended and was started again", extra={"part": name})
        except PartFailed:
            log.exception("a part ended and does not start again")


async def _wait_until_ready(site: Site, stop: asyncio.Event) -> None:
    """Until the gateway says that everything answers. Raises PartFailed after two minutes."""
    said = "nothing"
    deadline = asyncio.get_running_loop().time() + _READY_SECONDS
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as client:
        while not stop.is_set():
            try:
                async with client.get(f"http://127.0.0.1:{site.port}/readyz") as answer:
                    if answer.status == 200:
                        return
                    said = (await answer.text())[:1000]
            except (aiohttp.ClientError, TimeoutError) as error:
                said = str(error)
            if asyncio.get_running_loop().time() > deadline:
                raise PartFailed(f"not ready after {_READY_SECONDS:.0f} s, /readyz says: {said}")
            await asyncio.sleep(0.05)
