"""Composition root: settings in, a service that can run out."""

import logging
from pathlib import Path

import auth.http
import eventlog
import objects
import runtime
from auth.keys import Keys, MasterKeys
from auth.project_access import PROJECT_ACCESS_MIGRATIONS, ProjectAccess
from auth.sealing import KeyedSealer
from eventlog import Consumer, EventLog, Relay, awaiting
from objects import ObjectSettings, open_store
from render.adapters.progress import ProgressFeed
from render.api import exports
from render.handlers.desk import Desk
from render.handlers.making import Workshop
from render.projections.exports import Exports
from render.projections.formats import Formats
from render.publisher import PUBLISHED
from render.renderer.jail import job_wrap, open_jail
from render.settings import RenderSettings
from render.subscribers import Departures, RequestedExports
from render.worker import Sweep, Worker
from runtime.context import ContextSigner
from runtime.cursors import Cursors
from runtime.database import open_direct, open_pools
from runtime.http import create_app
from runtime.service import Service

log = logging.getLogger(__name__)

MIGRATIONS = (
    ("runtime", runtime.MIGRATIONS),
    ("eventlog", eventlog.MIGRATIONS),
    ("auth", PROJECT_ACCESS_MIGRATIONS),
    ("render", Path(__file__).parent / "migrations"),
)


async def build(settings: RenderSettings) -> Service:
    pools = await open_pools(settings)
    keys_pool = await open_direct(settings.keys_dsn.get_secret_value(), size=4)
    keys = Keys(keys_pool, MasterKeys.parse(settings.master_keys.get_secret_value()))
    sealer = KeyedSealer(keys)
    signer = ContextSigner(settings.context_signing_key)
    store = open_store(ObjectSettings.of(settings.SERVICE))
    relay = Relay(settings.SERVICE, pools.worker, settings.kafka, PUBLISHED)
    event_log = EventLog(
        service=settings.SERVICE,
        pools=pools,
        signer=signer,
        keys=sealer,
        published=PUBLISHED,
        projections=[Exports()],
        on_commit=relay.wake,
    )
    consumer = Consumer(
        service=settings.SERVICE,
        pools=pools,
        kafka=settings.kafka,
        projections=[ProjectAccess(), Formats()],
        reactions=[RequestedExports(event_log), Departures()],
        unsealer=sealer.unseal,
        on_commit=relay.wake,
    )
    desk = Desk(event_log, pools, signer, store)
    checks = {
        "database": lambda: pools.app.execute("select 1"),
        "keys": lambda: keys_pool.execute("select 1"),
        "objects": lambda: store.size(objects.RENDER, "readiness"),
    }
    app = create_app(settings.SERVICE, title="Multicanvas render", checks=checks)
    auth.http.install(app, settings)
    consumed = frozenset({"projects", "identity"})
    awaiting.install(app, awaiting.Awaiting(pools.app, settings.SERVICE, consumed))
    app.state.desk = desk
    app.state.cursors = Cursors(settings.context_signing_key)
    app.include_router(exports.router)
    feed = ProgressFeed(settings.kafka)
    workshop = _workshop(settings, desk, sealer)
    worker = Worker(
        workshop, feed, concurrency=settings.concurrency, lease_seconds=settings.lease_seconds
    )
    return Service(
        name=settings.SERVICE,
        settings=settings,
        http=app,
        tasks={
            "relay": relay.run,
            "consumer": consumer.run,
            "snapshots": event_log.snapshots,
            "worker": worker.run,
            "progress": feed.run,
            "sweep": Sweep(workshop).run,
        },
        on_stop=[pools.close, keys_pool.close],
        checks=checks,
    )


def _workshop(settings: RenderSettings, desk: Desk, sealer: KeyedSealer) -> Workshop:
    jail = open_jail(allow_none=settings.without_jail)
    log.info("media is rendered", extra={"jail": "bubblewrap" if jail.active else "none"})
    if settings.work_folder is not None:
        settings.work_folder.mkdir(parents=True, exist_ok=True)
    return Workshop(desk, sealer, job_wrap(jail), settings.work_folder)
