"""Who acts: the context of a command, and its signed form that row-level security checks."""

import hashlib
import hmac
import re
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from runtime import clock
from runtime.database import Connection, Pool
from runtime.ids import uuid7
from runtime.telemetry import current_traceparent

ANONYMOUS = "anonymous"
SERVICE_PREFIX = "service:"

# Also what makes it safe to write the signed context into SQL as a literal.
_ACTOR = re.compile(r"[A-Za-z0-9_.:@-]{1,128}")


@dataclass(frozen=True)
class Context:
    """Who acts, and in which chain of causes. One per command."""

    actor: str
    command_id: UUID
    correlation_id: UUID
    causation_id: UUID | None
    traceparent: str | None
    now: datetime

    @classmethod
    def for_actor(
        cls,
        actor: str,
        *,
        now: datetime | None = None,
        command_id: UUID | None = None,
        correlation_id: UUID | None = None,
        causation_id: UUID | None = None,
        traceparent: str | None = None,
    ) -> "Context":
        """A context of `actor` (a user id, `service:<name>` or `anonymous`).

        What is not given is made up: a new command id, which then also names the chain, the current
        time, and the trace that is running.
        """
        command = command_id or uuid7()
        return cls(
            actor=actor,
            command_id=command,
            correlation_id=correlation_id or command,
            causation_id=causation_id,
            traceparent=traceparent or current_traceparent(),
            now=clock.to_milliseconds(now) if now else clock.now(),
        )

    @property
    def is_service(self) -> bool:
        return self.actor.startswith(SERVICE_PREFIX)


class ContextSigner:
    """Signs who acts, so that SQL which is not ours cannot become somebody else."""

    def __init__(self, key: bytes, ttl_seconds: int = 60) -> None:
        if len(key) < 32:
            raise ValueError("the context key must have at least 32 bytes")
        self._key = key
        self._ttl = ttl_seconds

    def sign(self, actor: str) -> str:
        """`actor|<expiry, unix seconds>|<hex HMAC-SHA-256 of the first two>`.

        Raises `ValueError` for an actor with other signs than letters, digits and `_.:@-`.
        """
        if not _ACTOR.fullmatch(actor):
            raise ValueError("not the name of an actor")
        message = f"{actor}|{int(time.time()) + self._ttl}"
        return f"{message}|{hmac.new(self._key, message.encode(), hashlib.sha256).hexdigest()}"


@asynccontextmanager
async def acting(pool: Pool, signer: ContextSigner, actor: str) -> AsyncGenerator[Connection]:
    """One transaction as `actor`: committed at the end of the block, rolled back when it raises."""
    async with pool.acquire() as connection, connection.transaction():
        await act_as(connection, signer, actor)
        yield connection


async def act_as(connection: Connection, signer: ContextSigner, actor: str) -> None:
    """Name the actor for the rest of this connection's transaction."""
    # A literal, because a bound parameter costs a second round trip without a statement cache; the
    # signer lets nothing through that could end it.
    await connection.execute(f"select set_config('app.actor', '{signer.sign(actor)}', true)")
