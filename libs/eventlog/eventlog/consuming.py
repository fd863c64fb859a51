"""What a service writes to read the bus: projections, which have an order, and reactions."""

from typing import Protocol

from contracts import Envelope, MessageData
from runtime.database import Connection


class Projection(Protocol):
    """A read model of other services' events: each aggregate's messages once, in their order.

    `types` are the messages it uses; all others of its `topics` only move its gates. `apply` and
    `reset` work on the given connection, in the transaction that also keeps the gate. Messages
    without a sequence (progress) come as they come, without a gate.
    """

    @property
    def name(self) -> str: ...
    @property
    def topics(self) -> frozenset[str]: ...
    @property
    def types(self) -> frozenset[str]: ...
    async def apply(
        self, connection: Connection, envelope: Envelope, data: MessageData
    ) -> None: ...
    async def reset(self, connection: Connection) -> None:
        """Empty its tables: a rebuild fills them again."""
        ...


class Reaction(Protocol):
    """What a service does about a message, whatever the order: each event id once.

    It may record events of its own aggregates with `EventLog.run_as_service(…, connection)`. It may
    meet old messages (a refilled broker, when the reaction is new), so it looks before it acts.
    """

    @property
    def name(self) -> str: ...
    @property
    def topics(self) -> frozenset[str]: ...
    @property
    def types(self) -> frozenset[str]: ...
    async def handle(
        self, connection: Connection, envelope: Envelope, data: MessageData
    ) -> None: ...
