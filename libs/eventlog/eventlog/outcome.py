"""What became of a batch, message by message and consumer by consumer."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from eventlog.incoming import Incoming
from eventlog.kafka import TopicPartition

SEEK_BACK_RECORDS = 10_000

Fate = Literal["applied", "dropped", "parked", "dead"]


@dataclass
class Outcome:
    """What became of a batch, by (consumer, fate).

    `newest` is the time of the newest message applied, by consumer; `seeks` names partitions to
    read again, and from which offset.
    """

    fates: Counter[tuple[str, Fate]] = field(default_factory=Counter[tuple[str, Fate]])
    newest: dict[str, datetime] = field(default_factory=dict[str, datetime])
    seeks: dict[TopicPartition, int] = field(default_factory=dict[TopicPartition, int])

    def note(self, consumer: str, fate: Fate, incoming: Incoming) -> None:
        self.fates[(consumer, fate)] += 1
        if fate == "applied" and incoming.envelope is not None:
            self.newest[consumer] = incoming.envelope.time

    def count(self, fate: Fate) -> int:
        return sum(number for (_, each), number in self.fates.items() if each == fate)

    def add(self, other: "Outcome") -> None:
        self.fates += other.fates
        self.newest |= other.newest
        self.seeks |= other.seeks

    def seek_back(self, incoming: Incoming) -> None:
        place = TopicPartition(incoming.topic, incoming.partition)
        offset = max(0, incoming.offset - SEEK_BACK_RECORDS)
        self.seeks[place] = min(offset, self.seeks.get(place, offset))


class HandlerFailed(Exception):
    """A projection or reaction raised; the transaction is to be rolled back. Cause: the error."""

    def __init__(self, consumer: str, incoming: Incoming) -> None:
        super().__init__(f"{consumer} on {incoming.type} {incoming.event_id}")
        self.consumer = consumer
        self.incoming = incoming
