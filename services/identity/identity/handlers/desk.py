"""What every handler of identity works with, and how a session comes into being."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from auth.keys import Keys
from eventlog.log import EventLog
from eventlog.unit import Unit
from identity.adapters.passwords import Passwords
from identity.adapters.rows import SessionRow, UserRow, insert_session
from identity.adapters.tokens import handle_of, new_token
from identity.commands import Visitor
from identity.domain import Session
from runtime.context import ContextSigner, acting
from runtime.database import Connection, Pools
from runtime.ids import uuid7

ITSELF = "service:identity"
REMEMBERED = timedelta(days=7)
UNREMEMBERED = timedelta(days=1)
REFRESHED_AFTER = timedelta(days=1)
FRESH = timedelta(days=1)


@dataclass(frozen=True)
class Desk:
    log: EventLog
    pools: Pools
    signer: ContextSigner
    keys: Keys
    passwords: Passwords

    @asynccontextmanager
    async def reading(self, actor: str = ITSELF) -> AsyncGenerator[Connection]:
        """A read transaction; as the service itself where nobody is known yet."""
        async with acting(self.pools.app, self.signer, actor) as connection:
            yield connection


@dataclass(frozen=True)
class SignedIn:
    """A session that began. `token` is shown to nobody but the person's cookie."""

    user: UserRow
    session: SessionRow
    token: str
    remember: bool
    user_version: int


@dataclass(frozen=True)
class NewSession:
    """A session about to begin: its secret, its row, and the fact that is told of it."""

    token: str
    row: SessionRow
    visitor: Visitor

    @classmethod
    def of(cls, user_id: str, visitor: Visitor, remember: bool, now: datetime) -> "NewSession":
        token = new_token()
        row = SessionRow(
            id=str(uuid7()),
            expires_at=now + (REMEMBERED if remember else UNREMEMBERED),
            token=handle_of(token),
            user_id=user_id,
            ip_address=visitor.ip_address or "",
            user_agent=visitor.user_agent,
            created_at=now,
            updated_at=now,
        )
        return cls(token, row, visitor)

    async def begin(self, unit: Unit) -> None:
        """Write the row and record the fact within a running command."""
        fact = Session.start(
            UUID(self.row.id),
            user_id=self.row.user_id,
            expires_at=self.row.expires_at,
            ip_address=self.visitor.ip_address,
            user_agent=self.visitor.user_agent,
        )
        unit.record(fact)
        await insert_session(unit.connection, self.row)
