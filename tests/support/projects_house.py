"""The projects service without its neighbours: real databases, HTTP in process, a local store."""

import base64
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
from fastapi import FastAPI

import auth.http
import eventlog.awaiting
from auth import KEYS_MIGRATIONS
from auth.tokens import TokenSigner
from contracts import Envelope, MessageData
from contracts.media import MediaReady
from eventlog.awaiting import Awaiting
from objects.local import LocalStore
from projects import api
from projects.app import CONSUMED, MIGRATIONS, Parts, open_parts
from projects.projections.media import MediaAssets
from projects.seeding import seed
from projects.settings import ProjectsSettings
from runtime import clock
from runtime import migrate as runtime_migrations
from runtime.cursors import Cursors
from runtime.http import create_app
from runtime.signing import PathSigner
from tests.support.parts import Database, DatabaseFactory

KEY_FOLDERS = [("runtime", runtime_migrations.MIGRATIONS), ("keys", KEYS_MIGRATIONS)]
Json = dict[str, Any]


@dataclass
class House:
    """One projects service; people talk to it with `as_user`."""

    parts: Parts
    app: FastAPI
    tokens: TokenSigner
    database: Database
    keys_database: Database

    def as_user(self, user_id: str | None) -> "Caller":
        headers: dict[str, str] = {}
        if user_id is not None:
            token = self.tokens.sign(
                user_id, "projects", session_id="s1", email_verified=True, operator=False
            )
            headers["Authorization"] = f"Bearer {token}"
        client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=self.app),
            base_url="http://projects.test",
            headers=headers,
        )
        return Caller(client)

    async def media(self, user_id: str, kind: str = "image/png", **members: Any) -> str:
        """A media file that is ready, as media's event tells."""
        media_id = uuid4()
        data = MediaReady(
            user_id=user_id,
            media_type=kind.partition("/")[0],
            mime_type=kind,
            file_size=members.pop("file_size", 1000),
            provider="local",
            bucket="multicanvas-media",
            object_key=f"u/{media_id}",
            sha256="0" * 64,
            width=members.pop("width", 1200),
            height=members.pop("height", 800),
            **members,
        )
        async with self.parts.pools.worker.acquire() as connection, connection.transaction():
            await MediaAssets().apply(connection, envelope(data, str(media_id)), data)
        return str(media_id)

    async def collaborator(self, project_id: str, user_id: str, role: str, **flags: bool) -> None:
        """A row as sharing will write it."""
        names = ("canEdit", "canComment", "canExport", "canInvite", "canManageSettings")
        permissions = {name: flags.get(name, False) for name in names}
        await self.parts.pools.worker.execute(
            """insert into project_collaborators (project_id, user_id, role, permissions)
               values ($1, $2, $3, $4)""",
            UUID(project_id),
            user_id,
            role,
            permissions,
        )

    async def messages(self, project_id: str) -> list[Json]:
        """The events of a project as they were stored: topic and sealed state."""
        rows = await self.parts.pools.worker.fetch(
            """select topic, originator_version, state, metadata from eventlog.events
                where originator_id = $1 order by originator_version""",
            UUID(project_id),
        )
        return [dict(row) for row in rows]


class Caller:
    """A person with a token; answers as (status, JSON)."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client

    async def ask(self, verb: str, path: str, body: Any = None, **more: Any) -> "Told":
        answer = await self.client.request(verb, path, json=body, **more)
        return Told(answer)

    async def get(self, path: str, **more: Any) -> "Told":
        return Told(await self.client.get(path, **more))

    async def post(self, path: str, body: Any = None, **more: Any) -> "Told":
        return await self.ask("POST", path, body, **more)

    async def patch(self, path: str, body: Any = None, **more: Any) -> "Told":
        return await self.ask("PATCH", path, body, **more)

    async def delete(self, path: str, **more: Any) -> "Told":
        return Told(await self.client.delete(path, **more))

    async def project(self, *formats: str, **members: Any) -> Json:
        """A new project of this person."""
        wanted = list(formats) or ["instagram-story", "tiktok-video", "linkedin-post-landscape"]
        told = await self.post("/v1/projects", {"name": "Launch", "formats": wanted, **members})
        assert told.status == 201, told.body
        return told.body

    async def headline(self, project: Json, **members: Any) -> Json:
        """A synced text on the first canvas; answers what the POST answered."""
        body: Json = {
            "canvasId": project["canvases"][0]["id"],
            "type": "text",
            "name": "Headline",
            "x": 90,
            "y": 300,
            "width": 900,
            "height": 300,
            "properties": {"text": {"content": "Fresh today", "fontSize": 120}},
            "syncTo": "all",
            **members,
        }
        told = await self.post(f"/v1/projects/{project['id']}/elements", body)
        assert told.status == 201, told.body
        return told.body


class Told:
    """An answer."""

    def __init__(self, answer: httpx2.Response) -> None:
        self.status = answer.status_code
        self.headers = answer.headers
        self.body: Any = answer.json() if answer.content else None


def envelope(data: MessageData, subject: str, actor: str = "service:test") -> Envelope:
    return Envelope(
        id=uuid4(),
        type=data.TYPE,
        source="/test",
        subject=subject,
        sequence=1,
        time=clock.now(),
        correlationid=uuid4(),
        actor=actor,
        data={},
    )


def settings_for(
    own: Database, keys: Database, tokens: TokenSigner, **members: Any
) -> ProjectsSettings:
    """Settings of a service on these databases; `members` replace what stands here."""
    told: Json = {
        "app_dsn": own.app_dsn,
        "worker_dsn": own.worker_dsn,
        "owner_dsn": own.owner_dsn,
        "http_port": 1,
        "kafka": "127.0.0.1:1",
        "keys_dsn": keys.app_dsn,
        "context_key": secrets.token_hex(32),
        "master_keys": "1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "token_public_keys": tokens.public_keys,
        "internal_secret": secrets.token_hex(16),
        "public_url": "http://gateway.test",
        "app_pool_size": 6,
        "worker_pool_size": 6,
    }
    return ProjectsSettings(**{**told, **members})


async def make_house(database: DatabaseFactory, folder: Path) -> House:
    """Databases, catalogue and application; nothing runs in the background."""
    own = await database("projects", MIGRATIONS)
    keys = await database("keys", KEY_FOLDERS)
    tokens = TokenSigner.generate("test")
    settings = settings_for(own, keys, tokens)
    await runtime_migrations.migrate(
        own.owner_dsn, MIGRATIONS, context_key=settings.context_signing_key
    )
    store = LocalStore(folder, "http://gateway.test", PathSigner.from_secret("0" * 32))
    parts = await open_parts(settings, store)
    await seed(parts.desk.log)
    app = create_app("projects", title="projects", checks={})
    auth.http.install(app, settings)
    eventlog.awaiting.install(app, Awaiting(parts.pools.app, "projects", CONSUMED))
    api.install(app, parts.desk, Cursors(settings.context_signing_key))
    return House(parts, app, tokens, own, keys)
