"""The render service without a bus: real databases and keys, a local store, real workers."""

import base64
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2

import objects
from auth import KEYS_MIGRATIONS
from auth.keys import Keys, MasterKeys, Scope
from auth.project_access import ProjectAccess
from auth.sealing import KeyedSealer
from auth.tokens import TokenSigner, TokenVerifier
from contracts import Envelope
from contracts.projects import ExportRequested, ProjectCreated
from contracts.render import ExportProgress
from eventlog import EventLog, awaiting
from objects import LocalStore
from render.adapters.job_process import Wrap
from render.api import exports as api
from render.app import MIGRATIONS
from render.handlers.desk import Desk
from render.handlers.making import Workshop
from render.projections.exports import Exports
from render.publisher import PUBLISHED
from render.renderer.jail import job_wrap, open_jail
from render.subscribers import RequestedExports
from render.worker import Sweep, Worker
from runtime import clock
from runtime import migrate as runtime_migrations
from runtime.cursors import Cursors
from runtime.http import create_app
from runtime.ids import uuid7
from runtime.signing import PathSigner
from scene.document import Document, document_hash
from tests.support.parts import Database, DatabaseFactory

KEY_FOLDERS = [("runtime", runtime_migrations.MIGRATIONS), ("keys", KEYS_MIGRATIONS)]
MEDIA = Path(__file__).parent.parent / "media"
CLIP = "00000000-0000-4000-8000-00000000000b"
BIKES = "00000000-0000-4000-8000-00000000000c"
PHOTO = "00000000-0000-4000-8000-00000000000a"
FILES = {CLIP: "bigbuckbunny.mp4", BIKES: "bikes.mp4", PHOTO: "coffee.png"}
ASSETS: dict[str, dict[str, Any]] = {
    CLIP: {"width": 1280, "height": 720, "duration": 5.28, "hasAudio": True},
    BIKES: {"width": 640, "height": 272, "duration": 10.0},
    PHOTO: {"width": 600, "height": 400},
}


class HeardProgress:
    """Stands where the progress topic is, and remembers."""

    def __init__(self) -> None:
        self.told: list[ExportProgress] = []

    def tell(self, export_id: str, progress: ExportProgress) -> None:
        self.told.append(progress)


@dataclass
class RenderHouse:
    database: Database
    keys: Keys
    sealer: KeyedSealer
    store: LocalStore
    desk: Desk
    tokens: TokenSigner
    progress: HeardProgress
    work_folder: Path

    def workshop(self, wrap: Wrap | None = None) -> Workshop:
        chosen = wrap or job_wrap(open_jail())
        return Workshop(self.desk, self.sealer, chosen, self.work_folder)

    def worker(self, *, lease_seconds: float = 10.0, wrap: Wrap | None = None) -> Worker:
        feed: Any = self.progress
        return Worker(self.workshop(wrap), feed, concurrency=1, lease_seconds=lease_seconds)

    def sweep(self) -> Sweep:
        return Sweep(self.workshop())

    async def project(self, owner: str = "ann") -> UUID:
        """A project of this owner, as the access projection learns of it."""
        project_id, format_id = uuid7(), uuid7()
        data = ProjectCreated(owner_id=owner, social_format_id=format_id, canvases=[])
        async with self.database.pools.worker.acquire() as connection, connection.transaction():
            await ProjectAccess().apply(connection, _envelope(data.TYPE, project_id), data)
        return project_id

    async def member(self, project_id: UUID, user_id: str, role: str) -> None:
        await self.database.pools.worker.execute(
            "insert into project_access (project_id, user_id, role) values ($1, $2, $3)",
            project_id,
            user_id,
            role,
        )

    async def request(
        self,
        project_id: UUID,
        document: Document,
        settings: dict[str, Any],
        user_id: str = "ann",
        social_format_id: UUID | None = None,
    ) -> UUID:
        """What projects does: freeze, seal, store, ask. Returns the export's id."""
        digest, export_id = document_hash(document), uuid7()
        key = f"frozen/{project_id}/{digest}"
        scope = Scope("project", str(project_id), project_id=project_id)
        sealed = await self.sealer.encrypt(document.to_json(), key.encode(), scope)
        await self.store.put(objects.PROJECTS, key, sealed, "application/octet-stream")
        data = ExportRequested(
            export_id=export_id,
            user_id=user_id,
            canvas_id=uuid7(),
            social_format_id=social_format_id or uuid7(),
            document_hash=digest,
            document_version=7,
            document_key=key,
            settings=settings,
        )
        reaction = RequestedExports(self.desk.log)
        async with self.database.pools.worker.acquire() as connection, connection.transaction():
            await reaction.handle(connection, _envelope(data.TYPE, project_id), data)
        return export_id

    async def status(self, export_id: UUID) -> str | None:
        return await self.database.pools.worker.fetchval(
            "select status from project_exports where id = $1", export_id
        )

    @asynccontextmanager
    async def client(self, user_id: str) -> AsyncGenerator[httpx2.AsyncClient]:
        """The service's own HTTP face, as this person."""
        app = create_app("render", title="render")
        app.state.token_verifier = TokenVerifier(self.tokens.public_keys, "render")
        app.state.desk = self.desk
        app.state.cursors = Cursors(b"c" * 32)
        waiting = awaiting.Awaiting(
            self.database.pools.app, "render", frozenset({"projects"}), seconds=0.1
        )
        awaiting.install(app, waiting)
        app.include_router(api.router)
        token = self.tokens.sign(
            user_id, "render", session_id="s", email_verified=True, operator=False
        )
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(
            transport=transport,
            base_url="http://render",
            headers={"Authorization": f"Bearer {token}"},
        ) as client:
            yield client


def _envelope(kind: str, subject: UUID) -> Envelope:
    return Envelope(
        id=uuid7(),
        type=kind,
        source="projects",
        subject=str(subject),
        sequence=1,
        time=clock.now(),
        data={},
    )


async def make_house(database: DatabaseFactory, folder: Path) -> RenderHouse:
    own = await database("render", MIGRATIONS, pool_size=12)
    vault = await database("keys", KEY_FOLDERS, pool_size=4)
    master = MasterKeys.parse("1:" + base64.b64encode(secrets.token_bytes(32)).decode())
    keys = Keys(vault.pools.worker, master, cache_seconds=0.05)
    sealer = KeyedSealer(keys)
    store = LocalStore(folder / "files", "http://gateway", PathSigner.from_secret("s" * 32))
    for bucket in (objects.PROJECTS, objects.MEDIA, objects.RENDER):
        await store.ensure_bucket(bucket)
    for media_id, name in FILES.items():
        await store.put(objects.MEDIA, f"media/ann/{media_id}", MEDIA / name, "video/mp4")
    log = EventLog(
        service="render",
        pools=own.pools,
        signer=own.signer,
        keys=sealer,
        published=PUBLISHED,
        projections=[Exports()],
    )
    work = folder / "work"
    work.mkdir()
    return RenderHouse(
        own,
        keys,
        sealer,
        store,
        Desk(log, own.pools, own.signer, store),
        TokenSigner.generate("k1"),
        HeardProgress(),
        work,
    )


def stored_asset(media_id: str) -> dict[str, Any]:
    """How a frozen document names an asset of the local store."""
    where = {"provider": "local", "bucket": objects.MEDIA, "objectKey": f"media/ann/{media_id}"}
    return {**where, **ASSETS[media_id]}


def document(
    elements: list[dict[str, Any]],
    *,
    width: int = 360,
    height: int = 640,
    duration: float = 2.0,
    background: str = "#ffffff",
    assets: dict[str, dict[str, Any]] | None = None,
) -> Document:
    """A small canvas; elements get ids by their place and the whole duration."""
    filled = [
        {"id": f"e{at}", "duration": duration, "zIndex": at, **element}
        for at, element in enumerate(elements)
    ]
    return Document.model_validate(
        {
            "canvas": {
                "id": "c",
                "width": width,
                "height": height,
                "config": {"backgroundColor": background},
            },
            "duration": duration,
            "elements": filled,
            "assets": {key: stored_asset(key) for key in FILES} if assets is None else assets,
        }
    )
