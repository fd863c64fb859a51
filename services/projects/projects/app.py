"""Composition root: settings in, a service that can run out."""

from dataclasses import dataclass
from pathlib import Path

import auth.http
import eventlog
import eventlog.awaiting
import objects
import runtime
from auth.keys import Keys, MasterKeys
from auth.sealing import KeyedSealer
from eventlog import Consumer, EventLog, Relay
from eventlog.awaiting import Awaiting
from objects import ObjectSettings, ObjectStore, open_store
from projects import api
from projects.adapters.frozen_documents import FrozenDocuments
from projects.handlers.desk import Desk
from projects.projections.catalogue import CatalogueTables
from projects.projections.media import MediaAssets
from projects.projections.projects import ProjectTables
from projects.publisher import PUBLISHED
from projects.seeding import seed
from projects.settings import ProjectsSettings
from projects.subscribers import DeletedProjects, DepartedUsers, GenerationsToApply
from runtime.context import ContextSigner
from runtime.cursors import Cursors
from runtime.database import Pool, Pools, open_direct, open_pools
from runtime.http import create_app
from runtime.service import Service

MIGRATIONS = (
    ("runtime", runtime.MIGRATIONS),
    ("eventlog", eventlog.MIGRATIONS),
    ("projects", Path(__file__).parent / "migrations"),
)
CONSUMED = frozenset({"media", "ai", "identity"})


@dataclass(frozen=True)
class Parts:
    """What the service stands on, opened."""

    pools: Pools
    keys_pool: Pool
    keys: Keys
    sealer: KeyedSealer
    store: ObjectStore
    relay: Relay
    desk: Desk

    async def close(self) -> None:
        await self.pools.close()
        await self.keys_pool.close()


async def build(settings: ProjectsSettings) -> Service:
    """Raises `OSError` or an asyncpg error when PostgreSQL is away."""
    parts = await open_parts(settings)
    checks = {
        "database": lambda: _ask(parts.pools.app),
        "keys": lambda: _ask(parts.keys_pool),
        "objects": lambda: _look(parts.store),
    }
    app = create_app(settings.SERVICE, title="Multicanvas projects", checks=checks)
    auth.http.install(app, settings)
    eventlog.awaiting.install(app, Awaiting(parts.pools.app, settings.SERVICE, CONSUMED))
    api.install(app, parts.desk, Cursors(settings.context_signing_key))
    consumer = Consumer(
        service=settings.SERVICE,
        pools=parts.pools,
        kafka=settings.kafka,
        projections=[MediaAssets()],
        reactions=[
            GenerationsToApply(parts.desk),
            DepartedUsers(parts.desk),
            DeletedProjects(parts.keys, parts.desk.documents),
        ],
        unsealer=parts.sealer.unseal,
        on_commit=parts.relay.wake,
    )
    return Service(
        name=settings.SERVICE,
        settings=settings,
        http=app,
        tasks={
            "relay": parts.relay.run,
            "consumer": consumer.run,
            "snapshots": parts.desk.log.snapshots,
        },
        on_stop=[parts.close],
        checks=checks,
    )


async def open_parts(settings: ProjectsSettings, store: ObjectStore | None = None) -> Parts:
    """Pools, keys, log and store as the settings say; `store` replaces the environment's."""
    pools = await open_pools(settings)
    keys_pool = await open_direct(settings.keys_dsn.get_secret_value(), size=4)
    keys = Keys(keys_pool, MasterKeys.parse(settings.master_keys.get_secret_value()))
    sealer = KeyedSealer(keys)
    signer = ContextSigner(settings.context_signing_key)
    store = store or open_store(ObjectSettings.of(settings.SERVICE))
    relay = Relay(settings.SERVICE, pools.worker, settings.kafka, PUBLISHED)
    log = EventLog(
        service=settings.SERVICE,
        pools=pools,
        signer=signer,
        keys=sealer,
        published=PUBLISHED,
        projections=[CatalogueTables(), ProjectTables()],
        on_commit=relay.wake,
    )
    desk = Desk(log, pools, signer, FrozenDocuments(store, sealer))
    return Parts(pools, keys_pool, keys, sealer, store, relay, desk)


async def seed_catalogue(settings: ProjectsSettings) -> int:
    """`python -m projects seed`: the shipped formats, categories and templates."""
    parts = await open_parts(settings)
    try:
        return await seed(parts.desk.log)
    finally:
        await parts.close()


async def _ask(pool: Pool) -> None:
    await pool.fetchval("select 1")


async def _look(store: ObjectStore) -> None:
    await store.size(objects.PROJECTS, "readiness")
