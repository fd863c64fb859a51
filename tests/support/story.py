"""Given what happened, when someone asks, then these facts follow: domain tests as sentences."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

from eventlog.domain import Aggregate, DomainEvent, Refusal
from eventlog.frozen import freeze, has_snapshots, thaw

A = TypeVar("A", bound=Aggregate)
_NOT_TOLD = {"originator_id", "originator_version", "timestamp", "originator_topic"}


class Story(Generic[A]):
    """`given(aggregate).when(lambda a: a.rename("x")).then(Renamed, title="x")`."""

    def __init__(self, aggregate: A) -> None:
        self.aggregate = aggregate
        self.events: list[DomainEvent] = []
        self.refusal: Refusal | None = None

    def and_given(self, happened: Callable[[A], object]) -> "Story[A]":
        """More that happened before; it is not part of what is judged."""
        happened(self.aggregate)
        self.aggregate.collect_events()
        return self

    def when(self, asked: Callable[[A], object]) -> "Story[A]":
        """Ask once; what it records or refuses is judged by `then` and `then_refused`."""
        self.refusal = None
        try:
            asked(self.aggregate)
        except Refusal as refusal:
            self.refusal = refusal
        self.events = cast("list[DomainEvent]", list(self.aggregate.collect_events()))
        return self

    def then(self, kind: type[DomainEvent], **facts: Any) -> "Story[A]":
        """The next fact is of this kind and says this, among other things."""
        assert self.refusal is None, f"refused: {self.refusal}"
        assert self.events, f"nothing more happened, expected {kind.__name__}"
        event = self.events.pop(0)
        assert type(event).TOPIC == kind.TOPIC, f"{event!r} is no {kind.__name__}"
        told = {name: getattr(event, name) for name in facts}
        assert told == facts
        return self

    def then_nothing_more(self) -> "Story[A]":
        left = [(type(one).__name__, one.model_dump(exclude=_NOT_TOLD)) for one in self.events]
        assert not left, f"also happened: {left}"
        assert self.refusal is None, f"refused: {self.refusal}"
        return self

    def then_refused(self, code: str, status: int | None = None) -> "Story[A]":
        """Refused with this code, and nothing happened."""
        assert self.refusal is not None, f"not refused; happened: {self.events}"
        assert self.refusal.code == code
        assert status is None or self.refusal.status == status
        assert not self.events, f"refused, and yet: {self.events}"
        return self


def given(aggregate: A) -> Story[A]:
    """An aggregate as made by its constructor or by earlier calls; its events count as past."""
    aggregate.collect_events()
    return Story(aggregate)


def check_snapshot_of(aggregate: A) -> A:
    """Freeze and thaw: the copy must be equal, else snapshots would change history."""
    assert has_snapshots(type(aggregate)), "define State to have snapshots"
    aggregate.collect_events()
    copied = thaw(type(aggregate), aggregate.id, aggregate.version, freeze(aggregate))
    assert vars(copied) == {**vars(aggregate), "command_number": aggregate.command_number}
    return copied
