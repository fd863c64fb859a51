"""Why the log itself says no. All are refusals, so they reach the caller as problem+json."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from eventsourcing.persistence import IntegrityError

from eventlog.domain import Refusal


class AggregateNotFound(Refusal):
    """There is no such aggregate, or this actor may not read it: both look the same."""

    def __init__(self, aggregate_id: UUID) -> None:
        super().__init__("not_found", "It does not exist, or you may not see it.", 404)
        self.aggregate_id = aggregate_id


class AccessDenied(Refusal):
    """The actor may read but not write."""

    def __init__(self) -> None:
        super().__init__("forbidden", "You may see this, but not change it.", 403)


class ConcurrencyError(Refusal, IntegrityError):
    """Others wrote at the same time, again and again. Nothing was recorded; try later."""

    def __init__(self, detail: str = "Too many changes at the same time. Try again.") -> None:
        super().__init__("busy", detail, 503)
        self.retry_after_seconds = 1


class OutcomeUnknown(Refusal):
    """The connection broke during commit and the database cannot be asked what became of it."""

    def __init__(self) -> None:
        super().__init__("unavailable", "It is not known whether the change was stored.", 503)
        self.retry_after_seconds = 5


class KeyReused(Refusal):
    """The Idempotency-Key came before with another request."""

    def __init__(self) -> None:
        super().__init__(
            "idempotency_key_reused", "This Idempotency-Key came with another request.", 422
        )


class StaleVersion(Refusal):
    """If-Match names another version. `missed` tells what happened since, where it is known."""

    def __init__(self, version: int, missed: Sequence[Any] = ()) -> None:
        super().__init__(
            "precondition_failed",
            f"It changed meanwhile: the current version is {version}.",
            412,
            version=version,
            missed=list(missed),
        )


class UnknownEvent(RuntimeError):
    """A stored event that this release cannot read: a newer release wrote it."""


class UnrecordedEvents(RuntimeError):
    """An aggregate was changed in a unit but not handed to `record`: the change would be lost."""
