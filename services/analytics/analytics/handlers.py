"""One function per command of analytics, and what it works with."""

import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from analytics.commands import RecordActivity
from analytics.domain.activity import Activity
from auth.project_access import role_of
from eventlog import AggregateNotFound, Answer, EventLog, Unit
from runtime.context import Context, ContextSigner, acting
from runtime.database import Connection, Pools
from runtime.problems import NotFound


@dataclass(frozen=True)
class Desk:
    log: EventLog
    pools: Pools
    signer: ContextSigner

    @asynccontextmanager
    async def reading(self, actor: str) -> AsyncGenerator[Connection]:
        """A transaction that sees what this person may see."""
        async with acting(self.pools.app, self.signer, actor) as connection:
            yield connection


async def record_activity(desk: Desk, command: RecordActivity, context: Context) -> Answer:
    """Recording the same id again changes nothing: stored answers need a key, and analytics has
    none. Raises NotFound for a project that the caller may not see."""

    async def work(unit: Unit) -> Answer:
        if await role_of(unit.connection, command.project_id) is None:
            raise NotFound()
        with contextlib.suppress(AggregateNotFound):
            await unit.load(Activity, command.activity_id)
            return Answer(202, {"id": str(command.activity_id)})
        unit.record(
            Activity.record(
                command.activity_id,
                project_id=command.project_id,
                user_id=command.user_id,
                activity=command.activity,
                session_id=command.session_id,
            )
        )
        return Answer(202, {"id": str(command.activity_id)})

    return await desk.log.run(context, work)
