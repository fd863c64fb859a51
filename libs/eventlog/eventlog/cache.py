"""Aggregates kept between commands, each lent to one command at a time."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

from eventlog.domain import Aggregate


@dataclass(frozen=True)
class Kept:
    """An aggregate as of its last commit here, and the version of its newest known snapshot."""

    aggregate: Aggregate
    snapshot_version: int


@dataclass(frozen=True)
class Loan:
    """One command's use of an aggregate. `kept` is None when there was nothing to lend."""

    aggregate_id: UUID
    kept: Kept | None
    turn: asyncio.Future[None] | None


class AggregateCache:
    """The newest aggregates of this process, least recently used first out.

    An aggregate is mutable, so it is *taken* by one command and given back only after its commit;
    after a failure it is dropped. A second command for the same aggregate waits for its turn for a
    moment, because running at once would only make the two conflict; then it goes ahead alone.
    """

    def __init__(self, capacity: int = 256, patience_seconds: float = 0.2) -> None:
        self._capacity = capacity
        self._patience = patience_seconds
        self._kept: OrderedDict[UUID, Kept] = OrderedDict()
        self._turns: dict[UUID, asyncio.Future[None]] = {}

    async def take(self, aggregate_id: UUID) -> Loan:
        """Always followed by `give_back`."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience
        while (running := self._turns.get(aggregate_id)) is not None:
            left = deadline - loop.time()
            if left <= 0:
                return Loan(aggregate_id, None, None)
            await asyncio.wait([running], timeout=left)
        turn: asyncio.Future[None] = loop.create_future()
        self._turns[aggregate_id] = turn
        return Loan(aggregate_id, self._kept.pop(aggregate_id, None), turn)

    def give_back(self, loan: Loan, kept: Kept | None) -> None:
        """End the loan; None after a failure."""
        if loan.turn is not None:
            if self._turns.get(loan.aggregate_id) is loan.turn:
                del self._turns[loan.aggregate_id]
            if not loan.turn.done():
                loan.turn.set_result(None)
        if kept is not None:
            self.keep(kept)

    def keep(self, kept: Kept) -> None:
        """Remember an aggregate whose events are committed."""
        known = self._kept.get(kept.aggregate.id)
        if known is None or known.aggregate.version < kept.aggregate.version:
            self._kept[kept.aggregate.id] = kept
        self._kept.move_to_end(kept.aggregate.id)
        while len(self._kept) > self._capacity:
            self._kept.popitem(last=False)
