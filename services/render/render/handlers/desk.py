"""What every handler of render works with."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from eventlog import EventLog
from objects import ObjectStore
from runtime.context import ContextSigner, acting
from runtime.database import Connection, Pools


@dataclass(frozen=True)
class Desk:
    log: EventLog
    pools: Pools
    signer: ContextSigner
    store: ObjectStore

    @asynccontextmanager
    async def reading(self, actor: str) -> AsyncGenerator[Connection]:
        """A transaction that sees what this person may see."""
        async with acting(self.pools.app, self.signer, actor) as connection:
            yield connection
