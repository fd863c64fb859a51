"""Committing, and finding out what became of a commit whose connection broke."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from asyncpg.transaction import Transaction

from eventlog.errors import OutcomeUnknown
from eventlog.stored import StoredEvent
from runtime.context import ContextSigner, acting
from runtime.database import Connection, Pool

_PATIENCE_SECONDS = 15.0

LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server's farewell arrived between two statements
    OSError,
    TimeoutError,
)
"""What asyncpg raises when the connection, not the statement, is at fault."""
_SHUT_DOWN = (asyncpg.AdminShutdownError, asyncpg.CrashShutdownError, asyncpg.CannotConnectNowError)


def is_lost(error: BaseException) -> bool:
    """Whether the connection broke, rather than a statement or one of its arguments being wrong."""
    wrong_argument = isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError)
    return isinstance(error, (*LOST, *_SHUT_DOWN)) and not wrong_argument


@dataclass(frozen=True)
class Written:
    """How to recognise a transaction afterwards: its id, and one event of its command."""

    xid: str
    command_id: UUID
    event: tuple[UUID, int] | None


class InDoubt(Exception):
    """The connection broke while the commit was on its way: it may or may not have happened."""


async def commit(transaction: Transaction) -> None:
    """Raises InDoubt when the answer to the commit never came."""
    try:
        await transaction.commit()
    except Exception as error:
        if is_lost(error):
            raise InDoubt from error
        raise


async def happened(pool: Pool, signer: ContextSigner, actor: str, written: Written) -> bool:
    """Ask the server whether that transaction is committed, waiting while it still runs.

    Its status is believed only when the stored event is that command's too: after a failover the
    same transaction id may be another's. Raises OutcomeUnknown when nobody answers in time.
    """
    deadline = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        try:
            async with acting(pool, signer, actor) as connection:
                status = await _status(connection, written.xid)
                if status == "in progress":
                    raise ConnectionError("that transaction still runs")
                if status == "aborted":
                    return False
                if written.event is None:
                    return status == "committed"
                return await _is_stored(connection, written)
        except (*LOST, *_SHUT_DOWN):
            await asyncio.sleep(0.1)
    raise OutcomeUnknown


async def _status(connection: Connection, xid: str) -> str | None:
    """None when this server cannot tell: too long ago, or an id it has not given out yet."""
    try:
        async with connection.transaction():
            return await connection.fetchval("SELECT pg_xact_status($1::text::xid8)", xid)
    except asyncpg.DataError:
        return None


async def _is_stored(connection: Connection, written: Written) -> bool:
    aggregate_id, version = written.event or (None, 0)
    row = await connection.fetchrow(
        "SELECT * FROM eventlog.load_events($1, $2, $3)", aggregate_id, version - 1, version
    )
    if row is None:
        return False
    return StoredEvent.from_row(row, aggregate_id).metadata.command_id == written.command_id
