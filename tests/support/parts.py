"""Real servers for tests: PostgreSQL, Kafka and S3, started once a session, and databases on them.

Where they come from: `MULTICANVAS_TEST_PARTS` names a JSON file telling of parts that run already;
`MULTICANVAS_PARTS=containers` starts them as containers; else they run embedded in a temporary
folder.
"""

import json
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit

import asyncpg
import pytest
import pytest_asyncio
from pydantic import SecretStr

from multicanvas.parts import EmbeddedParts, Endpoints, Passwords, S3Endpoint
from multicanvas.parts.kafka import Kafka
from multicanvas.parts.ports import Ports
from runtime import migrate as runtime_migrations
from runtime.context import ContextSigner
from runtime.database import Pools, open_direct, open_pooled
from runtime.migrate import migrate
from runtime.provision import RolePasswords, provision

Folders = Sequence[tuple[str, Path]]


@dataclass(frozen=True)
class Database:
    """A throw-away database, migrated, with its three logins and a signer its functions trust."""

    name: str
    owner_dsn: str
    app_dsn: str
    worker_dsn: str
    context_key: bytes
    signer: ContextSigner
    pools: Pools


class DatabaseFactory(Protocol):
    """`await database("projects", folders)`: folders as for `runtime.migrate`; without them only
    runtime's own. Each call makes a fresh database; all are dropped when the session ends."""

    def __call__(
        self, name: str, folders: Folders | None = None, *, pool_size: int = 4
    ) -> Awaitable[Database]: ...


@pytest.fixture(scope="session")
def parts() -> Iterator[Endpoints]:
    told = os.environ.get("MULTICANVAS_TEST_PARTS")
    if told:
        yield _told(Path(told))
    elif os.environ.get("MULTICANVAS_PARTS") == "containers":
        from tests.support.containers import running_containers

        with running_containers() as endpoints:
            yield endpoints
    else:
        yield from _embedded()


def _told(file: Path) -> Endpoints:
    said = json.loads(file.read_text())
    return Endpoints(
        postgres=said["postgres"],
        kafka=said["kafka"],
        s3=S3Endpoint(**said["s3"]),
        valkey=said.get("valkey"),
    )


def _embedded() -> Iterator[Endpoints]:
    # Not pytest's tmp_path: as root PostgreSQL runs under another account, which may not enter it.
    home = Path(tempfile.mkdtemp(prefix="multicanvas-test-"))
    postgres, access_key, secret_key, valkey = (secrets.token_hex(16) for _ in range(4))
    passwords = Passwords(postgres, access_key, secret_key, valkey)
    embedded = EmbeddedParts(home, passwords, durable=False)
    try:
        yield embedded.start()
    finally:
        embedded.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(parts: Endpoints) -> str:
    """Superuser DSN."""
    return parts.postgres


@pytest.fixture(scope="session")
def kafka(parts: Endpoints) -> str:
    """Bootstrap address. Topics are not created by use; take unique names."""
    return parts.kafka


@pytest.fixture(scope="session")
def s3(parts: Endpoints) -> S3Endpoint:
    return parts.s3


@pytest.fixture
def own_kafka() -> Iterator[Kafka]:
    """A broker of the test's own, not started: to stop it, start it again, `wipe` it."""
    home = Path(tempfile.mkdtemp(prefix="multicanvas-kafka-"))
    broker = Kafka(home, Ports(home / "ports.json"))
    try:
        yield broker
    finally:
        broker.stop()
        shutil.rmtree(home, ignore_errors=True)


def with_login(dsn: str, user: str, password: str, database: str) -> str:
    """The same server, another login and database."""
    server = urlsplit(dsn)
    return (
        f"postgresql://{quote(user)}:{quote(password)}@{server.hostname}:{server.port}/{database}"
    )


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database(postgres: str) -> AsyncIterator[DatabaseFactory]:
    made: list[Database] = []

    async def make(name: str, folders: Folders | None = None, *, pool_size: int = 4) -> Database:
        fresh = await _make_database(postgres, name, folders, pool_size)
        made.append(fresh)
        return fresh

    yield make
    for one in made:
        await one.pools.close()
    for one in made:
        await _drop_database(postgres, one.name)


async def _make_database(
    superuser_dsn: str, name: str, folders: Folders | None, pool_size: int
) -> Database:
    unique = f"t_{name}_{secrets.token_hex(4)}"
    password = secrets.token_hex(12)
    secret = SecretStr(password)
    await provision(superuser_dsn, {unique: RolePasswords(secret, secret, secret)})
    owner, app, worker = (
        with_login(superuser_dsn, f"{unique}_{role}", password, unique)
        for role in ("owner", "app", "worker")
    )
    context_key = secrets.token_bytes(32)
    wanted = [("runtime", runtime_migrations.MIGRATIONS)] if folders is None else list(folders)
    await migrate(owner, wanted, context_key=context_key)
    pools = Pools(
        app=await open_pooled(app, size=pool_size), worker=await open_direct(worker, size=pool_size)
    )
    signer = ContextSigner(context_key)
    return Database(unique, owner, app, worker, context_key, signer, pools)


async def _drop_database(superuser_dsn: str, name: str) -> None:
    connection = await asyncpg.connect(superuser_dsn)
    try:
        await connection.execute(f'drop database if exists "{name}" with (force)')
        for role in ("owner", "app", "worker"):
            await connection.execute(f'drop role if exists "{name}_{role}"')
    finally:
        await connection.close()
