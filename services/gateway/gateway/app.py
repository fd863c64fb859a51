"""Composition root: settings in, a service that can run out."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import auth.http
import eventlog
import runtime
from auth.keys import Keys, MasterKeys
from auth.sealing import KeyedSealer
from eventlog.consumer import Consumer
from gateway import api
from gateway.adapters.addresses import Addresses
from gateway.adapters.hub import Hub
from gateway.adapters.routing import RoutingTable
from gateway.adapters.sessions import Sessions
from gateway.adapters.upstream import Upstream
from gateway.adapters.written import open_written
from gateway.api.front import Front
from gateway.projections import Feed
from gateway.settings import GatewaySettings
from gateway.subscribers import FeedWatch, LiveReader
from objects.local import LocalStore
from objects.settings import ObjectSettings, open_store
from runtime.context import ContextSigner
from runtime.database import Pool, Pools, open_pooled, open_pools
from runtime.http import create_app
from runtime.service import Service

MIGRATIONS = (
    ("runtime", runtime.MIGRATIONS),
    ("eventlog", eventlog.MIGRATIONS),
    ("gateway", Path(__file__).parent / "migrations"),
)


async def build(settings: GatewaySettings, objects: ObjectSettings | None = None) -> Service:
    """Raises `ValueError` for settings that do not fit, `OSError` or an asyncpg error when
    PostgreSQL is away."""
    store = open_store(objects or ObjectSettings.of(settings.SERVICE))
    pools = await open_pools(settings)
    keys_pool = await open_pooled(settings.keys_dsn.get_secret_value())
    keys = Keys(keys_pool, MasterKeys.parse(settings.master_keys.get_secret_value()))
    sealer = KeyedSealer(keys)
    front = _front(settings, pools)
    reader = LiveReader(settings.kafka, front.hub, front.sessions, sealer.unseal)
    watch = FeedWatch(pools.worker, front.hub)
    consumer = Consumer(
        service=settings.SERVICE,
        pools=pools,
        kafka=settings.kafka,
        projections=[Feed()],
        unsealer=sealer.unseal,
    )
    checks = _checks(front, reader)
    app = create_app(settings.SERVICE, title="Multicanvas gateway", checks=checks)
    auth.http.install(app, settings)
    api.install(app, front, store if isinstance(store, LocalStore) else None)
    return Service(
        name=settings.SERVICE,
        settings=settings,
        http=app,
        tasks={
            "live": reader.run,
            "feed": consumer.run,
            "feed-watch": watch.run,
            "feed-sweep": watch.sweep,
            "hang-up": partial(_hang_up, front.hub),
        },
        on_stop=[front.upstream.close, front.written.close, pools.close, keys_pool.close],
        checks=checks,
    )


def _front(settings: GatewaySettings, pools: Pools) -> Front:
    upstream = Upstream(settings.upstreams)
    return Front(
        settings=settings,
        pools=pools,
        signer=ContextSigner(settings.context_signing_key),
        upstream=upstream,
        routes=RoutingTable(),
        sessions=Sessions(upstream, settings.internal_secret.get_secret_value()),
        written=open_written(settings.valkey),
        addresses=Addresses(settings.trusted_proxies),
        hub=Hub(),
    )


def _checks(front: Front, reader: LiveReader) -> dict[str, Callable[[], Awaitable[None]]]:
    """The gateway is ready once every part behind it answers."""
    services = {name: partial(front.upstream.check, name) for name in front.upstream.addresses}
    return {"database": partial(_ask, front.pools.app), "bus": reader.check, **services}


async def _ask(pool: Pool) -> None:
    await pool.fetchval("select 1")


async def _hang_up(hub: Hub, stop: asyncio.Event) -> None:
    """Open feeds would keep the server from stopping: they end first, and clients come again."""
    await stop.wait()
    hub.close()
