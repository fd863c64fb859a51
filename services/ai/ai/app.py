"""Composition root: settings in, a service that can run out."""

from pathlib import Path

from fastapi import FastAPI

import auth
import auth.http
import eventlog
import objects
import runtime
from ai.adapters.catalogue import catalogue_of
from ai.api import generations
from ai.handlers.desk import Desk
from ai.projections.ledger import Ledger
from ai.publisher import PUBLISHED
from ai.settings import AiSettings
from ai.subscribers import Departures, UsedGenerations
from ai.worker import Sweep, Worker
from auth.keys import Keys, MasterKeys
from auth.project_access import ProjectAccess
from auth.sealing import KeyedSealer
from eventlog import Consumer, EventLog, Relay, awaiting
from eventlog.awaiting import Awaiting
from objects import ObjectSettings, open_store
from runtime.context import ContextSigner
from runtime.cursors import Cursors
from runtime.database import open_direct, open_pools
from runtime.http import create_app
from runtime.service import Service

MIGRATIONS = (
    ("runtime", runtime.MIGRATIONS),
    ("eventlog", eventlog.MIGRATIONS),
    ("auth", auth.PROJECT_ACCESS_MIGRATIONS),
    ("ai", Path(__file__).parent / "migrations"),
)
HEARD = frozenset({"projects", "identity"})


async def build(settings: AiSettings, stored: ObjectSettings | None = None) -> Service:
    """`stored` names the object store; without it the environment does."""
    pools = await open_pools(settings)
    keys_pool = await open_direct(settings.keys_dsn.get_secret_value(), size=4)
    keys = Keys(keys_pool, MasterKeys.parse(settings.master_keys.get_secret_value()))
    sealer = KeyedSealer(keys)
    signer = ContextSigner(settings.context_signing_key)
    store = open_store(stored or ObjectSettings.of(settings.SERVICE))
    relay = Relay(settings.SERVICE, pools.worker, settings.kafka, PUBLISHED)
    log = EventLog(
        service=settings.SERVICE,
        pools=pools,
        signer=signer,
        keys=sealer,
        published=PUBLISHED,
        projections=[Ledger()],
        on_commit=relay.wake,
    )
    consumer = Consumer(
        service=settings.SERVICE,
        pools=pools,
        kafka=settings.kafka,
        projections=[ProjectAccess()],
        reactions=[UsedGenerations(), Departures()],
        unsealer=sealer.unseal,
        on_commit=relay.wake,
    )
    checks = {
        "database": lambda: pools.app.execute("select 1"),
        "keys": lambda: keys_pool.execute("select 1"),
        "objects": lambda: store.size(objects.AI, "readiness"),
    }
    desk = Desk(log, pools, signer, store, catalogue_of(settings))
    app = create_app(settings.SERVICE, title="Multicanvas ai", checks=checks)
    _furnish(app, settings, desk)
    return Service(
        name=settings.SERVICE,
        settings=settings,
        http=app,
        tasks={
            "relay": relay.run,
            "consumer": consumer.run,
            "snapshots": log.snapshots,
            "worker": Worker(desk, settings.ai_concurrency).run,
            "sweep": Sweep(pools.worker, store).run,
        },
        on_stop=[pools.close, keys_pool.close],
        checks=checks,
    )


def _furnish(app: FastAPI, settings: AiSettings, desk: Desk) -> None:
    auth.http.install(app, settings)
    awaiting.install(app, Awaiting(desk.pools.app, settings.SERVICE, HEARD))
    app.state.desk = desk
    app.state.cursors = Cursors(settings.context_signing_key)
    app.include_router(generations.router)
