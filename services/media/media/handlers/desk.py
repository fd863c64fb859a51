"""What every handler of media works with."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from eventlog import EventLog
from objects import ObjectStore
from runtime.context import ContextSigner, acting
from runtime.database import Connection, Pools
from runtime.jail import Jail

CHECKS_AT_ONCE = 2


@dataclass(frozen=True)
class Desk:
    """`jail` None: this machine has none and was not told to go on without: no file is taken."""

    log: EventLog
    pools: Pools
    signer: ContextSigner
    store: ObjectStore
    upload_seconds: int
    jail: Jail | None
    checks: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CHECKS_AT_ONCE))

    @asynccontextmanager
    async def reading(self, actor: str) -> AsyncGenerator[Connection]:
        """A transaction that sees what this person may see."""
        async with acting(self.pools.app, self.signer, actor) as connection:
            yield connection
