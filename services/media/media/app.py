"""Composition root: settings in, a service that can run out."""

import logging
from pathlib import Path

import auth.http
import eventlog
import objects
import runtime
from auth.keys import Keys, MasterKeys
from auth.sealing import KeyedSealer
from eventlog import Consumer, EventLog, Relay
from media.api import library, uploads
from media.handlers.desk import Desk
from media.projections.library import Library
from media.publisher import PUBLISHED
from media.settings import MediaSettings
from media.subscribers import DepartedUsers, GeneratedImages
from media.worker import Sweep
from objects import ObjectSettings, open_store
from runtime.context import ContextSigner
from runtime.cursors import Cursors
from runtime.database import open_direct, open_pools
from runtime.http import create_app
from runtime.jail import Jail, NoJail, open_jail
from runtime.service import Service

MIGRATIONS = (
    ("runtime", runtime.MIGRATIONS),
    ("eventlog", eventlog.MIGRATIONS),
    ("media", Path(__file__).parent / "migrations"),
)


_log = logging.getLogger(__name__)


async def build(settings: MediaSettings, stored: ObjectSettings | None = None) -> Service:
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
        projections=[Library()],
        on_commit=relay.wake,
    )
    consumer = Consumer(
        service=settings.SERVICE,
        pools=pools,
        kafka=settings.kafka,
        reactions=[GeneratedImages(log, store), DepartedUsers()],
        unsealer=sealer.unseal,
        on_commit=relay.wake,
    )
    checks = {
        "database": lambda: pools.app.execute("select 1"),
        "keys": lambda: keys_pool.execute("select 1"),
        "objects": lambda: store.size(objects.MEDIA, "readiness"),
    }
    app = create_app(settings.SERVICE, title="Multicanvas media", checks=checks)
    auth.http.install(app, settings)
    app.state.desk = Desk(log, pools, signer, store, settings.upload_seconds, _jail(settings))
    app.state.cursors = Cursors(settings.context_signing_key)
    app.include_router(uploads.router)
    app.include_router(library.router)
    return Service(
        name=settings.SERVICE,
        settings=settings,
        http=app,
        tasks={
            "relay": relay.run,
            "consumer": consumer.run,
            "snapshots": log.snapshots,
            "sweep": Sweep(pools.worker, store).run,
        },
        on_stop=[pools.close, keys_pool.close],
        checks=checks,
    )


def _jail(settings: MediaSettings) -> Jail | None:
    try:
        jail = open_jail(allow_none=settings.without_jail)
    except NoJail as missing:
        _log.error("users' files are refused", extra={"jail": "none", "reason": str(missing)})
        return None
    _log.info("users' files are probed", extra={"jail": jail.name})
    return jail
