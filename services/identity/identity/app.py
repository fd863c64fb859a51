"""Composition root: settings in, a service that can run out."""

import asyncio
import contextlib
from functools import partial
from pathlib import Path

import auth.http
import eventlog
import runtime
from auth.keys import Keys, MasterKeys
from auth.sealing import KeyedSealer
from auth.signing import SignedCookie
from auth.tokens import TokenSigner
from eventlog.consumer import Consumer
from eventlog.log import EventLog
from eventlog.relay import Relay
from identity import api
from identity.adapters.passwords import Passwords
from identity.adapters.rates import Rates
from identity.api.cookies import Cookies
from identity.api.door import Door
from identity.api.internal import Tokens
from identity.handlers import Desk, end_expired
from identity.projections import Users
from identity.publisher import PUBLISHED
from identity.settings import IdentitySettings
from identity.subscribers import Erasure
from runtime.context import ContextSigner
from runtime.database import Pool, open_pooled, open_pools
from runtime.http import Check, create_app
from runtime.service import Service

MIGRATIONS = (
    ("runtime", runtime.MIGRATIONS),
    ("eventlog", eventlog.MIGRATIONS),
    ("identity", Path(__file__).parent / "migrations"),
)

_SWEEP_SECONDS = 60.0


async def build(settings: IdentitySettings) -> Service:
    """Raises `OSError` or an asyncpg error when PostgreSQL is away."""
    pools = await open_pools(settings)
    keys_pool = await open_pooled(settings.keys_dsn.get_secret_value())
    keys = Keys(keys_pool, MasterKeys.parse(settings.master_keys.get_secret_value()))
    sealer = KeyedSealer(keys)
    signer = ContextSigner(settings.context_signing_key)
    relay = Relay(settings.SERVICE, pools.worker, settings.kafka, PUBLISHED)
    log = EventLog(
        service=settings.SERVICE,
        pools=pools,
        signer=signer,
        keys=sealer,
        published=PUBLISHED,
        projections=[Users()],
        on_commit=relay.wake,
    )
    consumer = Consumer(
        service=settings.SERVICE,
        pools=pools,
        kafka=settings.kafka,
        projections=[],
        reactions=[Erasure(keys)],
        unsealer=sealer.unseal,
    )
    passwords = Passwords(settings.password_threads)
    desk = Desk(log, pools, signer, keys, passwords)
    checks: dict[str, Check] = {
        "database": partial(_ask, pools.app),
        "keys": partial(_ask, keys_pool),
    }
    app = create_app(settings.SERVICE, title="Multicanvas identity", checks=checks)
    auth.http.install(app, settings)
    api.install(app, desk, _door(settings), _tokens(settings))

    async def sweep(stop: asyncio.Event) -> None:
        await _sweep(desk, stop)

    async def close_passwords() -> None:
        passwords.close()

    return Service(
        name=settings.SERVICE,
        settings=settings,
        http=app,
        tasks={
            "relay": relay.run,
            "consumer": consumer.run,
            "snapshots": log.snapshots,
            "sweep": sweep,
        },
        on_stop=[close_passwords, pools.close, keys_pool.close],
        checks=checks,
    )


def _door(settings: IdentitySettings) -> Door:
    return Door(
        cookies=Cookies(SignedCookie(settings.cookie_key.hex()), secure=settings.secure_cookies),
        origins=settings.origins,
        rates=Rates(settings.limits_rates),
        internal_secret=settings.internal_secret.get_secret_value(),
    )


def _tokens(settings: IdentitySettings) -> Tokens:
    return Tokens(
        signer=TokenSigner(settings.signing_key, settings.token_kid),
        operators=settings.operator_names,
        trusts_unverified=settings.environment != "production",
    )


async def _ask(pool: Pool) -> None:
    await pool.fetchval("select 1")


async def _sweep(desk: Desk, stop: asyncio.Event) -> None:
    """Remove sessions that ran out, and tell it."""
    while not stop.is_set():
        await end_expired(desk)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _SWEEP_SECONDS)
