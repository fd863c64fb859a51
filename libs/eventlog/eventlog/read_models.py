"""A service's own tables, kept in step inside the command's transaction."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from eventlog.domain import DomainEvent
from eventlog.history import Recorded
from runtime.database import Connection


class ReadModel(Protocol):
    """Follows this service's events one by one. Events it does not know it passes over."""

    async def apply(self, connection: Connection, event: DomainEvent) -> None: ...


@runtime_checkable
class BatchReadModel(Protocol):
    """Takes a command's events at once, with who and when: one round trip for many rows."""

    async def apply_all(self, connection: Connection, events: Sequence[Recorded]) -> None: ...


async def apply_to(
    models: Sequence[ReadModel | BatchReadModel],
    connection: Connection,
    events: Sequence[Recorded],
) -> None:
    """Bring every model up to these events; a model that has both ways is given all at once."""
    for model in models:
        if isinstance(model, BatchReadModel):
            await model.apply_all(connection, events)
        else:
            for one in events:
                await model.apply(connection, one.event)
