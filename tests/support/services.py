"""Ai, media and analytics as they run: real databases, bus, object store and HTTP."""

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import orjson
import pytest_asyncio
from pydantic import SecretStr

import objects
from auth import KEYS_MIGRATIONS
from auth.keys import Keys, MasterKeys
from auth.sealing import KeyedSealer
from auth.tokens import TokenSigner
from contracts import Envelope, MessageData
from contracts.identity import UserDeleted
from contracts.projects import Canvas, CanvasFormat, ProjectCreated
from eventlog.kafka import open_producer, places_of, reading
from eventlog.topics_admin import ensure_topics
from multicanvas.parts import S3Endpoint
from objects import ObjectSettings, S3Store
from runtime import clock
from runtime.context import ContextSigner, acting
from runtime.database import Pool
from runtime.ids import event_id, uuid7
from runtime.migrate import MIGRATIONS, migrate
from runtime.service import Service, run
from tests.support.bus import eventually
from tests.support.parts import Database, DatabaseFactory
from tests.support.provider import Provider, running_provider
from tests.support.site import free_port, until_ready

Json = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """An answer of a service."""

    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Caller:
    """A person who talks to one service directly, with the token that the gateway would send."""

    browser: aiohttp.ClientSession
    url: str
    headers: dict[str, str]

    async def ask(self, verb: str, path: str, body: Any = None, **headers: str) -> Told:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.browser.request(
            verb, self.url + path, json=body, headers=self.headers | sent
        ) as answer:
            text = await answer.text()
            return Told(answer.status, orjson.loads(text) if text else None, answer.headers.copy())

    async def get(self, path: str, **headers: str) -> Told:
        return await self.ask("GET", path, **headers)

    async def post(self, path: str, body: Any = None, **headers: str) -> Told:
        return await self.ask("POST", path, body, **headers)

    async def delete(self, path: str, **headers: str) -> Told:
        return await self.ask("DELETE", path, **headers)


@dataclass
class House:
    """Three services in this process, and the bus between them and the others."""

    kafka: str
    store: S3Store
    keys: Keys
    tokens: TokenSigner
    provider: Provider
    browser: aiohttp.ClientSession
    databases: dict[str, Database] = field(default_factory=dict[str, Database])
    signers: dict[str, ContextSigner] = field(default_factory=dict[str, ContextSigner])
    services: dict[str, Service] = field(default_factory=dict[str, Service])

    def caller(self, service: str, user_id: str) -> Caller:
        token = self.tokens.sign(
            user_id, service, session_id="s1", email_verified=True, operator=False
        )
        port = self.services[service].settings.http_port
        return Caller(
            self.browser, f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {token}"}
        )

    def rows(self, service: str) -> Pool:
        """The worker's view of a service's database: everything."""
        return self.databases[service].pools.worker

    async def seen_by(self, service: str, user_id: str, query: str, *values: Any) -> list[Any]:
        """What the application role finds when it acts for this person."""
        database = self.databases[service]
        async with acting(database.pools.app, self.signers[service], user_id) as connection:
            return await connection.fetch(query, *values)

    async def unsealed(self, envelope: Envelope) -> Json:
        return await KeyedSealer(self.keys).unseal(envelope.data, str(envelope.id))

    async def tell(self, *envelopes: Envelope, topic: str) -> None:
        """Put messages on the bus in this order, as their service's relay would."""
        producer = await open_producer(self.kafka)
        try:
            for envelope in envelopes:
                value = orjson.dumps(envelope.model_dump(mode="json", exclude_none=True))
                key = envelope.subject.encode()
                await (await producer.send(topic, value, key, headers=[]))
        finally:
            await producer.stop()

    async def on_the_bus(self, topic: str, subject: str) -> list[Envelope]:
        """Every message about a subject that is on the topic now."""
        places = await places_of(self.kafka, [topic])
        found: list[Envelope] = []
        async with reading(self.kafka) as consumer:
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            ends = await consumer.end_offsets(places)
            while any([await consumer.position(place) < ends[place] for place in places]):
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    found += [
                        Envelope.model_validate_json(record.value or b"")
                        for record in records
                        if record.key == subject.encode()
                    ]
        return found

    async def heard(self, topic: str, subject: str, kind: type[MessageData]) -> Envelope:
        """The message of this kind about a subject, as soon as it is there."""
        found: list[Envelope] = []

        async def there() -> bool:
            found[:] = [
                one for one in await self.on_the_bus(topic, subject) if one.type == kind.TYPE
            ]
            return bool(found)

        assert await eventually(there), f"no {kind.TYPE} about {subject}"
        assert len({one.id for one in found}) == 1, f"several: {found}"
        return found[0]

    async def project(self, owner: str, project_id: UUID | None = None) -> UUID:
        """A project that all three services know as this person's."""
        project_id = project_id or uuid7()
        created = message(project_created(owner), str(project_id), 1, owner)
        await self.tell(created, topic=ProjectCreated.TOPIC)
        for service in ("ai", "analytics"):
            await self.until(
                service, "SELECT count(*) FROM project_access WHERE project_id = $1", 1, project_id
            )
        return project_id

    async def depart(self, user_id: str) -> None:
        """A person leaves: their keys are forgotten, and identity says so."""
        await self.keys.forget(user_id=user_id)
        gone = message(UserDeleted(), user_id, 99, user_id)
        await self.tell(gone, topic=UserDeleted.TOPIC)

    async def until(self, service: str, query: str, wanted: Any, *values: Any) -> None:
        """Until this query of the worker's gives that one value."""
        seen: list[Any] = []

        async def holds() -> bool:
            seen[:] = [await self.rows(service).fetchval(query, *values)]
            return seen[0] == wanted

        assert await eventually(holds, 20), f"{query}: {seen} instead of {wanted}"


def project_created(owner: str) -> ProjectCreated:
    size = CanvasFormat(width=1080, height=1920, platform="instagram", aspect_ratio="9:16")
    canvas = Canvas(id=uuid4(), social_format_id=uuid4(), social_format=size)
    return ProjectCreated(
        owner_id=owner, social_format_id=canvas.social_format_id, canvases=[canvas]
    )


def message(
    data: MessageData,
    subject: str,
    sequence: int,
    actor: str,
    *,
    time: datetime | None = None,
    last: bool = True,
) -> Envelope:
    """As the owner's relay would publish it, without its sealed part."""
    return Envelope(
        id=event_id(subject, sequence),
        type=data.TYPE,
        source=f"/{data.TYPE.split('.')[0]}",
        subject=subject,
        sequence=sequence,
        time=time or clock.now(),
        correlationid=uuid4(),
        commandid=uuid4(),
        commandnumber=sequence,
        last=last,
        actor=actor,
        data=data.model_dump(mode="json", by_alias=True, exclude_none=True),
    )


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(database: DatabaseFactory, site_kafka: str, s3: S3Endpoint) -> AsyncIterator[House]:
    await ensure_topics(site_kafka)
    store = S3Store(s3.endpoint, s3.access_key, s3.secret_key)
    for bucket in (objects.MEDIA, objects.AI):
        await store.ensure_bucket(bucket)
    vault = await database("keys", [("runtime", MIGRATIONS), ("keys", KEYS_MIGRATIONS)])
    master = "1:" + base64.b64encode(secrets.token_bytes(32)).decode()
    keys = Keys(vault.pools.worker, MasterKeys.parse(master), cache_seconds=0.05)
    async with running_provider() as provider, aiohttp.ClientSession() as browser:
        tokens = TokenSigner.generate("test")
        made = House(site_kafka, store, keys, tokens, provider, browser)
        await _build(made, database, vault, master, s3)
        stop = asyncio.Event()
        running = asyncio.create_task(run(list(made.services.values()), stop))
        for service in made.services.values():
            await until_ready(f"http://127.0.0.1:{service.settings.http_port}", running)
        yield made
        stop.set()
        await running


async def _build(
    house: House, database: DatabaseFactory, vault: Database, master: str, s3: S3Endpoint
) -> None:
    from ai import app as ai_app
    from ai.settings import AiSettings
    from analytics import app as analytics_app
    from analytics.settings import AnalyticsSettings
    from media import app as media_app
    from media.settings import MediaSettings

    stored = ObjectSettings(
        provider="s3",
        s3_endpoint=s3.endpoint,
        s3_access_key=s3.access_key,
        s3_secret_key=SecretStr(s3.secret_key),
    )
    context_key = secrets.token_hex(32)

    async def told(name: str, app: Any) -> Json:
        made = house.databases[name] = await database(name, app.MIGRATIONS, pool_size=6)
        return {
            "app_dsn": made.app_dsn,
            "worker_dsn": made.worker_dsn,
            "owner_dsn": made.owner_dsn,
            "http_port": free_port(),
            "kafka": house.kafka,
            "keys_dsn": vault.app_dsn,
            "context_key": context_key,
            "master_keys": master,
            "token_public_keys": house.tokens.public_keys,
            "internal_secret": secrets.token_hex(32),
            "public_url": "http://gateway.test",
            "app_pool_size": 6,
            "worker_pool_size": 8,
        }

    ai = AiSettings(
        **await told("ai", ai_app),
        openai_api_key=SecretStr("sk-test"),
        openai_base_url=house.provider.url,
    )
    media = MediaSettings(**await told("media", media_app))
    analytics = AnalyticsSettings(**await told("analytics", analytics_app))
    builders: dict[str, tuple[Any, Any, Callable[[], Awaitable[Service]]]] = {
        "ai": (ai, ai_app, lambda: ai_app.build(ai, stored)),
        "media": (media, media_app, lambda: media_app.build(media, stored)),
        "analytics": (analytics, analytics_app, lambda: analytics_app.build(analytics)),
    }
    for name, (settings, app, build) in builders.items():
        key: bytes = settings.context_signing_key
        await migrate(settings.owner_dsn.get_secret_value(), app.MIGRATIONS, context_key=key)
        house.signers[name] = ContextSigner(key)
        house.services[name] = await build()
