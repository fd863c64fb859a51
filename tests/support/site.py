"""Gateway and identity running on real parts in this process, with a stand-in projects service."""

import asyncio
import base64
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import pytest_asyncio
from pydantic import SecretStr

from auth import KEYS_MIGRATIONS
from auth.tokens import TokenSigner
from multicanvas.parts.kafka import Kafka
from multicanvas.parts.ports import Ports
from runtime.context import ContextSigner
from runtime.migrate import MIGRATIONS, migrate
from runtime.service import Service, run
from tests.support.parts import Database, DatabaseFactory

if TYPE_CHECKING:
    from gateway.settings import GatewaySettings
    from identity.settings import IdentitySettings
    from tests.support.neighbour import Neighbour

PASSWORD = "correct horse battery"


@dataclass
class Person:
    """Somebody signed in: their own cookie jar, and the headers of a browser on our own page."""

    browser: aiohttp.ClientSession
    url: str
    user: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def id(self) -> str:
        return str(self.user["id"])

    async def get(self, path: str, **more: Any) -> aiohttp.ClientResponse:
        return await self.browser.get(self.url + path, **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> aiohttp.ClientResponse:
        return await self.browser.post(self.url + path, json=body or {}, **more)

    @property
    def cookie(self) -> str:
        found = {one.key: one.value for one in self.browser.cookie_jar}
        return found["better-auth.session_token"]


@dataclass
class Site:
    identity: "IdentitySettings"
    gateway: "GatewaySettings"
    neighbour: "Neighbour"
    databases: dict[str, Database]
    kafka: str
    url: str
    identity_url: str
    internal_secret: str
    people: list[aiohttp.ClientSession] = field(default_factory=list[aiohttp.ClientSession])

    def visitor(self, **headers: str) -> Person:
        """Nobody yet, with an empty cookie jar."""
        browser = aiohttp.ClientSession(
            headers={"Origin": self.url, **headers},
            cookie_jar=aiohttp.CookieJar(unsafe=True, quote_cookie=False),
        )
        self.people.append(browser)
        return Person(browser, self.url)

    async def person(self, **body: Any) -> Person:
        """Somebody new, signed up through the gateway."""
        person = self.visitor()
        said = {"name": "Ana", "email": new_email(), "password": PASSWORD, **body}
        answer = await person.post("/api/auth/sign-up/email", said)
        assert answer.status == 200, await answer.text()
        person.user = (await answer.json())["user"]
        return person

    @property
    def signer(self) -> ContextSigner:
        return ContextSigner(self.identity.context_signing_key)


def new_email() -> str:
    return f"ana-{secrets.token_hex(6)}@example.org"


@pytest.fixture(scope="session")
def site_kafka(request: pytest.FixtureRequest) -> Iterator[str]:
    """A broker that no other installation uses: topics and groups have their real names."""
    if "MULTICANVAS_TEST_PARTS" not in os.environ:
        yield request.getfixturevalue("kafka")
        return
    home = Path(tempfile.mkdtemp(prefix="multicanvas-site-"))
    broker = Kafka(home, Ports(home / "ports.json"))
    try:
        yield broker.start()
    finally:
        broker.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site(database: DatabaseFactory, site_kafka: str) -> AsyncIterator[Site]:
    made = await make_site(database, site_kafka)
    stop = asyncio.Event()
    services = await _services(made)
    running = asyncio.create_task(run(services, stop))
    await until_ready(made.url, running)
    yield made
    for browser in made.people:
        await browser.close()
    stop.set()
    await running


async def make_site(database: DatabaseFactory, kafka: str) -> Site:
    from gateway import app as gateway_app
    from gateway.settings import GatewaySettings
    from identity import app as identity_app
    from identity.settings import IdentitySettings
    from tests.support.neighbour import Neighbour, NeighbourSettings

    keys = await database("keys", [("runtime", MIGRATIONS), ("keys", KEYS_MIGRATIONS)])
    databases = {
        "identity": await database("identity", identity_app.MIGRATIONS),
        "gateway": await database("gateway", gateway_app.MIGRATIONS),
    }
    ports = {name: free_port() for name in ("identity", "gateway", "projects")}
    tokens = TokenSigner.generate("test")
    internal = secrets.token_hex(32)
    common: dict[str, Any] = {
        "kafka": kafka,
        "keys_dsn": keys.app_dsn,
        "context_key": secrets.token_hex(32),
        "master_keys": "1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "token_public_keys": tokens.public_keys,
        "internal_secret": internal,
        "public_url": f"http://127.0.0.1:{ports['gateway']}",
        "trusted_origins": "https://app.example.org",
        "operators": "operator@example.org",
        "app_pool_size": 4,
        "worker_pool_size": 6,
    }
    identity = IdentitySettings(
        **_own(databases["identity"], ports["identity"]),
        **common,
        session_secret=SecretStr(secrets.token_hex(32)),
        token_private_key=SecretStr(base64.b64encode(tokens.private_bytes).decode()),
        token_kid=tokens.kid,
    )
    gateway = GatewaySettings(
        **_own(databases["gateway"], ports["gateway"]),
        **common,
        identity_url=f"http://127.0.0.1:{ports['identity']}",
        projects_url=f"http://127.0.0.1:{ports['projects']}",
    )
    for settings, app in ((identity, identity_app), (gateway, gateway_app)):
        await migrate(
            settings.owner_dsn.get_secret_value(),
            app.MIGRATIONS,
            context_key=settings.context_signing_key,
        )
    neighbour = Neighbour(
        NeighbourSettings(**_own(databases["identity"], ports["projects"]), **common)
    )
    return Site(
        identity=identity,
        gateway=gateway,
        neighbour=neighbour,
        databases=databases,
        kafka=kafka,
        url=gateway.public_url,
        identity_url=f"http://127.0.0.1:{ports['identity']}",
        internal_secret=internal,
    )


async def _services(site: Site) -> list[Service]:
    from gateway.app import build as build_gateway
    from identity.app import build as build_identity
    from objects import ObjectSettings

    files = Path(tempfile.mkdtemp(prefix="multicanvas-files-"))
    objects = ObjectSettings(
        provider="local", files=files, files_key=SecretStr("0" * 32), public_url=site.url
    )
    return [
        await build_identity(site.identity),
        await build_gateway(site.gateway, objects),
        site.neighbour.service(),
    ]


async def until_ready(url: str, running: "asyncio.Task[None] | None" = None) -> None:
    """Until `/readyz` says 200, half a minute at most."""
    said = ""
    async with asyncio.timeout(30), aiohttp.ClientSession() as session:
        while True:
            if running is not None and running.done():
                running.result()
            try:
                answer = await session.get(f"{url}/readyz")
                if answer.status == 200:
                    return
                said = await answer.text()
            except (aiohttp.ClientConnectionError, TimeoutError) as error:
                said = str(error)
            await asyncio.sleep(0.1)
    raise AssertionError(said)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _own(database: Database, port: int) -> dict[str, Any]:
    return {
        "app_dsn": database.app_dsn,
        "worker_dsn": database.worker_dsn,
        "owner_dsn": database.owner_dsn,
        "http_port": port,
    }
