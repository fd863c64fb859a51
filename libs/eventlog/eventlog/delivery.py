"""One batch of messages into projections and reactions, inside one transaction."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial

from contracts import Envelope, MessageData
from eventlog import dead_letters, inbox, parking
from eventlog.consuming import Projection, Reaction
from eventlog.gate import Gate, Gates, Verdict, judge
from eventlog.incoming import Incoming, Reader, Unsealer
from eventlog.outcome import HandlerFailed, Outcome
from eventlog.repair import request_repair
from eventlog.transient import is_transient
from runtime.database import Connection
from runtime.telemetry import continue_trace


class Delivery:
    """Who in this service gets which message. Names are unique among all of them."""

    def __init__(
        self,
        service: str,
        projections: Sequence[Projection],
        reactions: Sequence[Reaction],
        unsealer: Unsealer,
    ) -> None:
        self.service = service
        self.projections = {projection.name: projection for projection in projections}
        self.reactions = {reaction.name: reaction for reaction in reactions}
        names = [each.name for each in (*projections, *reactions)]
        if len(set(names)) != len(names):
            raise ValueError(f"two consumers of one name in {sorted(names)}")
        types = {each for consumer in (*projections, *reactions) for each in consumer.types}
        self.reader = Reader(types, unsealer)

    @property
    def topics(self) -> frozenset[str]:
        consumers = (*self.projections.values(), *self.reactions.values())
        return frozenset(topic for consumer in consumers for topic in consumer.topics)

    async def deliver(
        self,
        connection: Connection,
        batch: Sequence[Incoming],
        *,
        isolate_after: int = 0,
        fed: Collection[tuple[str, str]] | None = None,
    ) -> Outcome:
        """Apply a batch in this connection's transaction.

        `isolate_after` 0: a handler that raises ends it with HandlerFailed. Above 0, the number of
        attempts so far: each handler runs in a savepoint, and one that raises makes a dead letter.
        `fed` names the (projection, topic) pairs that get something; None all. Errors that say
        nothing about a message (`transient.is_transient`) are raised in either case.
        """
        work = Transaction(self, connection, isolate_after, fed)
        await work.lock(batch)
        for incoming in batch:
            await work.take(incoming)
        await work.finish()
        return work.outcome


class Transaction:
    """The state of one delivery: gates held, event ids claimed, outcome so far."""

    gates: Gates

    def __init__(
        self,
        delivery: Delivery,
        connection: Connection,
        isolate_after: int,
        fed: Collection[tuple[str, str]] | None = None,
    ) -> None:
        self.outcome = Outcome()
        self._delivery = delivery
        self._connection = connection
        self._isolate_after = isolate_after
        self._fed = fed
        self._claimed: set[inbox.Claim] = set()

    async def lock(self, batch: Sequence[Incoming]) -> None:
        """Hold the gates and claim the event ids that this batch is about."""
        pairs = {
            (projection.name, incoming.envelope.subject)
            for incoming in batch
            if incoming.envelope is not None and incoming.sequence is not None
            for projection in self._projections_of(incoming)
        }
        self.gates = await Gates.lock(self._connection, pairs)
        claims = {
            (reaction.name, incoming.envelope.id)
            for incoming in batch
            if incoming.envelope is not None
            for reaction in self._reactions_of(incoming)
        }
        self._claimed = await inbox.claim(self._connection, claims)

    async def take(self, incoming: Incoming) -> None:
        if incoming.envelope is None:
            if self._fed is not None:  # a rebuild passes what the live consumer buried
                await self._bury(dead_letters.ANYONE, incoming, incoming.fault or "unreadable")
            return
        for projection in self._projections_of(incoming):
            if incoming.sequence is None:
                await self._apply(projection, incoming)
            else:
                await self._at_gate(projection, incoming, incoming.sequence)
        for reaction in self._reactions_of(incoming):
            claim = (reaction.name, incoming.envelope.id)
            if claim in self._claimed:
                self._claimed.discard(claim)
                await self._react(reaction, incoming)
            else:
                self.outcome.note(reaction.name, "dropped", incoming)

    async def finish(self) -> None:
        """Keep what moved; to be called before the commit."""
        await self.gates.save(self._connection)

    async def settle(
        self, projection: Projection, incoming: Incoming, *, apply: bool
    ) -> str | None:
        """Get a dead letter's message out of the way, applied or not, and then what waited for it.

        None when that is done, else why the message still fails.
        """
        reason = await self.attempt(projection.name, incoming, projection.apply) if apply else None
        if reason is not None or incoming.sequence is None:
            return reason
        pair = (projection.name, incoming.subject or "")
        self.gates = await Gates.lock(self._connection, {pair})
        gate = self.gates[pair]
        if gate.last + 1 == incoming.sequence:
            gate.move(incoming.sequence)
            await self._drain(projection, gate)
        await self.finish()
        return None

    async def _react(self, reaction: Reaction, incoming: Incoming) -> None:
        reason = await self.attempt(reaction.name, incoming, reaction.handle)
        if reason is None:
            self.outcome.note(reaction.name, "applied", incoming)
        else:
            await self._bury(reaction.name, incoming, reason)

    async def _let_pass(self, projection: Projection, gate: Gate, incoming: Incoming) -> bool:
        """Apply the next message of a gate and move it; False when the message is poison."""
        if not await self._apply(projection, incoming):
            await parking.block(self._connection, gate, "poison")
            return False
        gate.move(gate.last + 1)
        return True

    async def _drain(self, projection: Projection, gate: Gate) -> None:
        """Apply what waited for the message that just passed, as far as it goes without a hole."""
        if gate.reason is None:
            return
        while rows := await parking.waiting_at(self._connection, gate):
            for row in rows:
                if row["sequence"] != gate.last + 1:
                    await parking.block(self._connection, gate, "gap")
                    return
                incoming = await self._delivery.reader.read_bytes(
                    topic=row["topic"],
                    partition=row["partition"],
                    offset=row["kafka_offset"],
                    key=row["key"],
                    value=row["value"],
                    headers=row["headers"],
                )
                if not await self._let_pass(projection, gate, incoming):
                    return
        await parking.release(self._connection, gate)

    async def _at_gate(self, projection: Projection, incoming: Incoming, sequence: int) -> None:
        gate = self.gates[(projection.name, incoming.subject or "")]
        verdict = judge(gate, sequence)
        if verdict is Verdict.DROP:
            self.outcome.note(projection.name, "dropped", incoming)
        elif verdict is Verdict.PARK:
            await self._park(gate, incoming)
        elif await self._let_pass(projection, gate, incoming):
            await self._drain(projection, gate)

    async def _park(self, gate: Gate, incoming: Incoming) -> None:
        if gate.reason is None:
            await parking.block(self._connection, gate, "gap")
        await parking.park(self._connection, gate, incoming)
        self.outcome.note(gate.projection, "parked", incoming)
        if gate.reason != "gap":
            return
        if await parking.seek_back_once(self._connection, gate):
            self.outcome.seek_back(incoming)
        elif before := await parking.claim_repair(self._connection, gate):
            waiting = parking.Waiting(
                gate.projection, gate.subject, incoming.topic, gate.last, before
            )
            await request_repair(self._connection, self._delivery.service, waiting)

    async def _apply(self, projection: Projection, incoming: Incoming) -> bool:
        """False when the message is poison to this projection; a letter holds it then."""
        if incoming.type not in projection.types or (
            incoming.data is None and incoming.fault is None
        ):
            return True
        reason = await self.attempt(projection.name, incoming, projection.apply)
        if reason is None:
            self.outcome.note(projection.name, "applied", incoming)
            return True
        if await dead_letters.was_dropped(self._connection, projection.name, incoming):
            return True
        await self._bury(projection.name, incoming, reason)
        return False

    async def attempt(
        self,
        consumer: str,
        incoming: Incoming,
        handler: Callable[[Connection, Envelope, MessageData], Awaitable[None]],
    ) -> str | None:
        """None when it worked, else why not."""
        if incoming.envelope is None or incoming.data is None:
            return incoming.fault or "no data"
        work = partial(handler, self._connection, incoming.envelope, incoming.data)
        try:
            with continue_trace(incoming.envelope.traceparent, f"{consumer} {incoming.type}"):
                if self._isolate_after:
                    async with self._connection.transaction():
                        await work()
                else:
                    await work()
        except Exception as error:  # whatever a handler raises is about this message
            if is_transient(error):
                raise
            if not self._isolate_after:
                raise HandlerFailed(consumer, incoming) from error
            return f"{type(error).__name__}: {error}"
        return None

    async def _bury(self, consumer: str, incoming: Incoming, reason: str) -> None:
        attempts = max(1, self._isolate_after)
        if await dead_letters.write(self._connection, consumer, incoming, reason, attempts):
            self.outcome.note(consumer, "dead", incoming)

    def _projections_of(self, incoming: Incoming) -> list[Projection]:
        return [
            projection
            for projection in self._delivery.projections.values()
            if incoming.topic in projection.topics
            and (self._fed is None or (projection.name, incoming.topic) in self._fed)
        ]

    def _reactions_of(self, incoming: Incoming) -> list[Reaction]:
        return [
            reaction
            for reaction in self._delivery.reactions.values()
            if incoming.topic in reaction.topics
            and incoming.type in reaction.types
            and (incoming.data is not None or incoming.fault is not None)
        ]
