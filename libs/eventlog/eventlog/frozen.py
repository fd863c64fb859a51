"""An aggregate as bytes and back, for snapshots."""

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson

from eventlog.domain import Aggregate, SnapshotState

A = TypeVar("A", bound=Aggregate)

_OWN = {"_id", "_version", "_created_on", "_modified_on", "_pending_events", "command_number"}


def has_snapshots(kind: type[Aggregate]) -> bool:
    return kind.State is not SnapshotState


def freeze(aggregate: Aggregate) -> bytes:
    """A line of JSON for what every aggregate has, then its `State`.

    Raises pydantic's ValidationError when `State` does not name exactly the attributes.
    """
    attributes = {name: value for name, value in vars(aggregate).items() if name not in _OWN}
    state = type(aggregate).State.model_validate(attributes)
    head = {
        "createdOn": aggregate.created_on,
        "modifiedOn": aggregate.modified_on,
        "commandNumber": aggregate.command_number,
    }
    return orjson.dumps(head) + b"\n" + state.model_dump_json(by_alias=True).encode()


def thaw(kind: type[A], aggregate_id: UUID, version: int, frozen: bytes) -> A:
    """The aggregate as it was frozen, equal to one replayed from its events."""
    first, _, rest = frozen.partition(b"\n")
    head: dict[str, Any] = orjson.loads(first)
    state = kind.State.model_validate_json(rest)
    aggregate = object.__new__(kind)
    vars(aggregate).update(
        _id=aggregate_id,
        _version=version,
        _created_on=datetime.fromisoformat(head["createdOn"]),
        _modified_on=datetime.fromisoformat(head["modifiedOn"]),
        _pending_events=[],
    )
    aggregate.command_number = head["commandNumber"]
    for name in kind.State.model_fields:
        setattr(aggregate, name, getattr(state, name))
    return aggregate
