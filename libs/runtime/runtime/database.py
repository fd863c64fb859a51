"""Connection pools: the one for requests works through a transaction pooler, the other does not."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

import asyncpg
import orjson
from asyncpg.pool import PoolConnectionProxy

if TYPE_CHECKING:
    from runtime.settings import ServiceSettings

    Record: TypeAlias = asyncpg.Record
    DirectConnection: TypeAlias = asyncpg.Connection[Record]
    Connection: TypeAlias = DirectConnection | PoolConnectionProxy[Record]
    Pool: TypeAlias = asyncpg.Pool[Record]
else:
    # asyncpg's own classes are not generic at run time; only its type stubs are.
    Record = asyncpg.Record
    DirectConnection = asyncpg.Connection
    Connection = asyncpg.Connection | PoolConnectionProxy
    Pool = asyncpg.Pool

_CONNECT_SECONDS = 10.0
_REQUEST_SECONDS = 15.0


@dataclass(frozen=True)
class Pools:
    """`app` serves requests as `<service>_app`, `worker` the rest as `<service>_worker`."""

    app: Pool
    worker: Pool

    async def close(self) -> None:
        """Close both after their connections came back; idle ones are closed at once."""
        await self.app.close()
        await self.worker.close()


async def open_pools(settings: "ServiceSettings") -> Pools:
    """Pools as the settings say. Raises `OSError` or an asyncpg error when PostgreSQL is away."""
    return Pools(
        app=await open_pooled(
            settings.app_dsn.get_secret_value(),
            size=settings.app_pool_size,
            statement_cache=settings.app_statement_cache,
        ),
        worker=await open_direct(
            settings.worker_dsn.get_secret_value(), size=settings.worker_pool_size
        ),
    )


async def open_pooled(dsn: str, *, size: int = 10, statement_cache: int = 0) -> Pool:
    """A pool that keeps nothing on a connection between transactions.

    Without `statement_cache` it runs through PgBouncer in transaction mode. Its transactions set
    only what ends with them, so giving a connection back costs no round trip.
    """
    return await asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=size,
        statement_cache_size=statement_cache,
        init=prepare_connection,
        reset=_keep_as_is,
        timeout=_CONNECT_SECONDS,
        command_timeout=_REQUEST_SECONDS,
    )


async def open_direct(dsn: str, *, size: int = 10) -> Pool:
    """A pool on the server itself: session advisory locks and prepared statements work."""
    return await asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=size,
        init=prepare_connection,
        timeout=_CONNECT_SECONDS,
        command_timeout=120,
    )


@asynccontextmanager
async def connected(dsn: str) -> AsyncGenerator[DirectConnection]:
    """One connection of its own, with our codecs, closed at the end of the block."""
    connection: DirectConnection = await asyncpg.connect(dsn)
    try:
        await prepare_connection(connection)
        yield connection
    finally:
        await connection.close()


async def prepare_connection(connection: "DirectConnection") -> None:
    """json and jsonb as Python values, uuid as plain `uuid.UUID` (asyncpg's own is a subclass)."""
    # In one transaction, so that a pooler keeps the look-ups on one server connection.
    async with connection.transaction():
        for name in ("json", "jsonb"):
            await connection.set_type_codec(
                name, schema="pg_catalog", encoder=_to_json, decoder=orjson.loads
            )
        await connection.set_type_codec(
            "uuid",
            schema="pg_catalog",
            encoder=_to_uuid_bytes,
            decoder=_from_uuid_bytes,
            format="binary",
        )


async def _keep_as_is(connection: "DirectConnection") -> None:
    return None


def _to_json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _to_uuid_bytes(value: UUID | str) -> bytes:
    return value.bytes if isinstance(value, UUID) else UUID(value).bytes


def _from_uuid_bytes(value: bytes) -> UUID:
    return UUID(bytes=bytes(value))
