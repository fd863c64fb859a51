"""Keys that can be forgotten: one per project, person, team, template or generation."""

import base64
import binascii
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID, uuid5

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from runtime.database import Connection, Pool

KEYS_MIGRATIONS = Path(__file__).parent / "migrations" / "keys"

_NAMESPACE = UUID("0b6f1d8a-6a3e-5c43-8a51-4b4559534d43")
_NONCE_BYTES = 12


class KeyForgotten(Exception):
    """The key of this scope was erased; nothing may be sealed under it again."""


class AnyScope(Protocol):
    """What names a key: `Scope`, or anything of the same shape."""

    @property
    def kind(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def project_id(self) -> UUID | None: ...
    @property
    def user_id(self) -> str | None: ...


@dataclass(frozen=True)
class Scope:
    """Whose content a key seals; `kind` is project, user, team, template or generation.

    Erasing `project_id` or `user_id` erases the key.
    """

    kind: str
    id: str
    project_id: UUID | None = None
    user_id: str | None = None


def key_id_of(scope: AnyScope) -> UUID:
    """The id of a scope's key: the same in every service and at every time."""
    return uuid5(_NAMESPACE, f"{scope.kind}:{scope.id}")


@dataclass(frozen=True)
class SealingKey:
    """A key in clear, in memory only: 32 bytes of AES-256-GCM."""

    key_id: UUID
    secret: bytes

    def __repr__(self) -> str:
        return f"SealingKey({self.key_id})"


class MasterKeys:
    """The keys that wrap all others, by version; the highest wraps what is new."""

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        if not keys or any(len(key) != 32 for key in keys.values()):
            raise ValueError("master keys are one or more keys of 32 bytes")
        self._keys = dict(keys)
        self.current = max(keys)

    @classmethod
    def parse(cls, text: str) -> "MasterKeys":
        """From `1:<base64 of 32 bytes>,2:<base64>`. Raises `ValueError`, never quoting a key."""
        keys: dict[int, bytes] = {}
        for part in filter(None, (piece.strip() for piece in text.split(","))):
            version, _, encoded = part.partition(":")
            try:
                keys[int(version)] = base64.b64decode(encoded, validate=True)
            except (ValueError, binascii.Error):
                raise ValueError("master keys look like 1:<base64>,2:<base64>") from None
        return cls(keys)

    def wrap(self, key_id: UUID, secret: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        cipher = AESGCM(self._keys[self.current])
        return nonce + cipher.encrypt(nonce, secret, _wrap_aad(key_id, self.current))

    def unwrap(self, key_id: UUID, wrapped: bytes, version: int) -> bytes:
        """Raises `KeyError` for a version we do not hold, `ValueError` for a changed row."""
        cipher = AESGCM(self._keys[version])
        nonce, sealed = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, sealed, _wrap_aad(key_id, version))
        except InvalidTag:
            raise ValueError(f"the wrapped key {key_id} was changed") from None


class Keys:
    """Makes, finds and forgets keys. Found ones are remembered for `cache_seconds`, at most 5.

    A forgotten key is gone from every process after that time, and is never made again.
    """

    def __init__(self, pool: Pool, master: MasterKeys, cache_seconds: float = 5) -> None:
        self._pool = pool
        self._master = master
        self._seconds = min(cache_seconds, 5.0)
        self._cache: dict[UUID, tuple[float, bytes | None]] = {}

    async def for_scope(self, scope: AnyScope) -> SealingKey:
        """The key of `scope`, made at first use. Raises `KeyForgotten` once it was erased."""
        key_id = key_id_of(scope)
        secret = await self.get(key_id)
        if secret is None:
            secret = await self._create(key_id, scope)
        return SealingKey(key_id, secret)

    async def get(self, key_id: UUID) -> bytes | None:
        """The key in clear; None when it was forgotten or never made."""
        cached = self._cache.get(key_id)
        if cached is not None and cached[0] > time.monotonic():
            return cached[1]
        row = await self._pool.fetchrow(
            "select wrapped, master_version from keys where key_id = $1", key_id
        )
        if row is None:
            return self._remember(key_id, None)
        secret = self._master.unwrap(key_id, row["wrapped"], row["master_version"])
        return self._remember(key_id, secret)

    async def forget(self, *, project_id: UUID | None = None, user_id: str | None = None) -> int:
        """Erase every key that names this project or this person; returns how many."""
        if project_id is None and user_id is None:
            raise ValueError("forget what?")
        found = await self._pool.fetchval(
            "select forget_keys($1::uuid, $2::text)", project_id, user_id
        )
        self._cache.clear()
        return int(found)

    async def rotate_master(self) -> int:
        """Wrap every key that an older master key wraps with the current one; returns how many.

        Nothing that was sealed changes. The old master key can be taken away afterwards.
        """
        rotated = 0
        while True:
            async with self._pool.acquire() as connection, connection.transaction():
                step = await self._rotate_some(connection)
            if not step:
                return rotated
            rotated += step

    async def _rotate_some(self, connection: Connection) -> int:
        rows = await connection.fetch(
            """select key_id, wrapped, master_version from keys where master_version < $1
               order by key_id limit 500 for update""",
            self._master.current,
        )
        changes: list[tuple[UUID, bytes, int]] = []
        for row in rows:
            key_id: UUID = row["key_id"]
            secret = self._master.unwrap(key_id, row["wrapped"], row["master_version"])
            changes.append((key_id, self._master.wrap(key_id, secret), self._master.current))
        await connection.executemany(
            "update keys set wrapped = $2, master_version = $3 where key_id = $1", changes
        )
        return len(changes)

    async def _create(self, key_id: UUID, scope: AnyScope) -> bytes:
        made = secrets.token_bytes(32)
        row = await self._pool.fetchrow(
            "select * from create_key($1, $2, $3, $4, $5)",
            key_id,
            scope.project_id,
            scope.user_id,
            self._master.wrap(key_id, made),
            self._master.current,
        )
        if row is None or row["wrapped"] is None:
            raise KeyForgotten(f"the key of this {scope.kind} was erased")
        secret = self._master.unwrap(key_id, row["wrapped"], row["master_version"])
        self._remember(key_id, secret)
        return secret

    def _remember(self, key_id: UUID, secret: bytes | None) -> bytes | None:
        if len(self._cache) > 50_000:
            self._cache.clear()
        self._cache[key_id] = (time.monotonic() + self._seconds, secret)
        return secret


def _wrap_aad(key_id: UUID, version: int) -> bytes:
    return f"multicanvas.key|{key_id}|{version}".encode()
