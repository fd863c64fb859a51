"""Numbered plain SQL files, forward only, applied once each: the one migration runner."""

import asyncio
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from runtime.database import DirectConnection, connected

MIGRATIONS = Path(__file__).parent / "migrations"

_LOCK = 0x6D63_6D69_6772_6174
_OUTSIDE = "-- migrate:up transaction:false"
_TRIES = 5

_LEDGER = """
create schema if not exists migrations;
create table if not exists migrations.applied (
    owner text not null,
    file text not null,
    checksum text not null,
    applied_at timestamptz not null default clock_timestamp(),
    primary key (owner, file)
);
"""


class MigrationEdited(Exception):
    """A file that was applied before reads differently now: write a new one instead."""


class MigrationsBusy(Exception):
    """Another starter held the migration lock for longer than the time allowed."""


@dataclass(frozen=True)
class _File:
    owner: str
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def in_transaction(self) -> bool:
        return not self.sql.lstrip().startswith(_OUTSIDE)


async def migrate(
    owner_dsn: str,
    folders: Sequence[tuple[str, Path]],
    *,
    context_key: bytes | None,
    patience_seconds: float = 120,
) -> list[str]:
    """Apply what is missing, folder by folder, and return the names as `owner/file`.

    Any number of starters may run at once: one applies, the others wait and find nothing to do.
    Each file is one transaction, unless its first line is `-- migrate:up transaction:false`: then
    its statements (each ending a line with `;`, no dollar quotes) run one by one, and must bear
    being run twice. `context_key` is stored for `access.current_actor()`; None where that schema
    is not used. Raises `MigrationEdited`, `MigrationsBusy`, or what PostgreSQL says.
    """
    files = [file for owner, folder in folders for file in _files(owner, folder)]
    async with connected(owner_dsn) as connection:
        await _lock(connection, patience_seconds)
        try:
            await connection.execute(_LEDGER)
            done = [f"{f.owner}/{f.name}" for f in files if await _apply(connection, f)]
            if context_key is not None:
                await _store_key(connection, context_key)
            return done
        finally:
            if not connection.is_closed():
                await connection.execute("select pg_advisory_unlock($1)", _LOCK)


def _files(owner: str, folder: Path) -> list[_File]:
    paths = sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    if not paths:
        raise FileNotFoundError(f"no migrations in {folder}")
    numbers = [path.name[:4] for path in paths]
    if len(set(numbers)) < len(numbers):
        raise ValueError(f"two migrations of {owner} have the same number")
    return [_File(owner, path.name, path.read_text("utf-8")) for path in paths]


async def _lock(connection: DirectConnection, patience_seconds: float) -> None:
    # Polled: a session that waits inside pg_advisory_lock holds a snapshot, and CREATE INDEX
    # CONCURRENTLY of the one that holds the lock waits for that snapshot: a deadlock.
    deadline = time.monotonic() + patience_seconds
    while not await connection.fetchval("select pg_try_advisory_lock($1)", _LOCK):
        if time.monotonic() > deadline:
            raise MigrationsBusy("another starter is still migrating")
        await asyncio.sleep(0.1)


async def _apply(connection: DirectConnection, file: _File) -> bool:
    known = await connection.fetchval(
        "select checksum from migrations.applied where owner = $1 and file = $2",
        file.owner,
        file.name,
    )
    if known == file.checksum:
        return False
    if known is not None:
        raise MigrationEdited(f"{file.owner}/{file.name} was changed after it had been applied")
    run = _run_inside if file.in_transaction else _run_outside
    for attempt in range(_TRIES):
        try:
            await run(connection, file)
            return True
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            # Better to let the traffic through and come back than to queue in front of it.
            if attempt == _TRIES - 1:
                raise
            await asyncio.sleep(0.5 * 2**attempt)
    return True


async def _run_inside(connection: DirectConnection, file: _File) -> None:
    async with connection.transaction():
        await connection.execute("set local lock_timeout = '4s'")
        await connection.execute(file.sql)
        await _record(connection, file)


async def _run_outside(connection: DirectConnection, file: _File) -> None:
    await connection.execute("set lock_timeout = '4s'")
    try:
        for statement in _statements(file):
            await connection.execute(statement)
        await _record(connection, file)
    finally:
        await connection.execute("reset lock_timeout")


def _statements(file: _File) -> list[str]:
    if "$$" in file.sql:
        raise ValueError(f"{file.owner}/{file.name}: no dollar quotes outside a transaction")
    lines = [line for line in file.sql.splitlines() if not line.lstrip().startswith("--")]
    parts = "\n".join(lines).split(";\n")
    return [part.strip().rstrip(";") for part in parts if part.strip().rstrip(";")]


async def _record(connection: DirectConnection, file: _File) -> None:
    await connection.execute(
        "insert into migrations.applied (owner, file, checksum) values ($1, $2, $3)",
        file.owner,
        file.name,
        file.checksum,
    )


async def _store_key(connection: DirectConnection, key: bytes) -> None:
    """HMAC's inner and outer block, so that the function needs nothing but sha256."""
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    await connection.execute(
        """insert into access.signing_key (inner_block, outer_block) values ($1, $2)
           on conflict (only_row) do update
           set inner_block = excluded.inner_block, outer_block = excluded.outer_block""",
        bytes(byte ^ 0x36 for byte in block),
        bytes(byte ^ 0x5C for byte in block),
    )
