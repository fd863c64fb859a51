"""A throw-away database of the event log, and one of keys, for measurements.

On the server that MULTICANVAS_TEST_PARTS tells of, else on an embedded one that syncs to disk.
"""

import base64
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
from pydantic import SecretStr

import eventlog
from auth import KEYS_MIGRATIONS
from auth.keys import Keys, MasterKeys
from auth.sealing import KeyedSealer
from multicanvas.parts.ports import Ports
from multicanvas.parts.postgres import Postgres
from runtime import migrate as runtime_migrations
from runtime.context import ContextSigner
from runtime.database import Pools, open_direct
from runtime.migrate import migrate
from runtime.provision import RolePasswords, provision


@dataclass(frozen=True)
class Fresh:
    """A migrated database and everything needed to use it."""

    name: str
    host: str
    port: int
    password: str
    signer: ContextSigner
    sealer: KeyedSealer

    @property
    def owner(self) -> str:
        return f"{self.name}_owner"

    def dsn(self, role: str) -> str:
        return (
            f"postgresql://{self.name}_{role}:{self.password}@{self.host}:{self.port}/{self.name}"
        )

    async def pools(self, size: int) -> Pools:
        """Of the worker role, with as many connections as asked for, open."""
        pool = await asyncpg.create_pool(
            self.dsn("worker"), min_size=size, max_size=size, reset=_keep_as_is
        )
        return Pools(app=pool, worker=pool)


async def _keep_as_is(connection: object) -> None:
    """Our transactions set nothing that outlives them, so a connection needs no cleaning."""


@asynccontextmanager
async def fresh_database() -> AsyncGenerator[Fresh]:
    """Dropped at the end."""
    with _server() as superuser:
        name = f"b_{secrets.token_hex(4)}"
        password = secrets.token_hex(12)
        secret = SecretStr(password)
        roles = RolePasswords(secret, secret, secret)
        await provision(superuser, {name: roles, f"{name}_keys": roles})
        try:
            async with _prepared(superuser, name, password) as fresh:
                yield fresh
        finally:
            await _drop(superuser, name, f"{name}_keys")


@asynccontextmanager
async def _prepared(superuser: str, name: str, password: str) -> AsyncGenerator[Fresh]:
    server = urlsplit(superuser)
    context_key = secrets.token_bytes(32)
    host, port = server.hostname or "127.0.0.1", server.port or 5432

    def dsn(database: str, role: str) -> str:
        return f"postgresql://{database}_{role}:{password}@{host}:{port}/{database}"

    base = [("runtime", runtime_migrations.MIGRATIONS)]
    own = [*base, ("eventlog", eventlog.MIGRATIONS)]
    await migrate(dsn(name, "owner"), own, context_key=context_key)
    await migrate(
        dsn(f"{name}_keys", "owner"), [*base, ("keys", KEYS_MIGRATIONS)], context_key=None
    )
    vault = await open_direct(dsn(f"{name}_keys", "worker"), size=2)
    master = MasterKeys.parse("1:" + base64.b64encode(secrets.token_bytes(32)).decode())
    try:
        sealer = KeyedSealer(Keys(vault, master))
        yield Fresh(name, host, port, password, ContextSigner(context_key, 600), sealer)
    finally:
        await vault.close()


@contextmanager
def _server() -> Generator[str]:
    told = os.environ.get("MULTICANVAS_TEST_PARTS")
    if told:
        yield json.loads(Path(told).read_text())["postgres"]
        return
    home = Path(tempfile.mkdtemp(prefix="multicanvas-bench-"))
    server = Postgres(home, Ports(home / "ports.json"), secrets.token_hex(16), durable=True)
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


async def _drop(superuser: str, *names: str) -> None:
    connection = await asyncpg.connect(superuser)
    try:
        for name in names:
            await connection.execute(f'drop database if exists "{name}" with (force)')
            for role in ("owner", "app", "worker"):
                await connection.execute(f'drop role if exists "{name}_{role}"')
    finally:
        await connection.close()
