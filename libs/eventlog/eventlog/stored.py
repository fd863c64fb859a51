"""An event as a row: what the log writes, and what relay and history read."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import orjson

from runtime import clock, ids

_COMPRESS_ABOVE = 512


@dataclass(frozen=True)
class Metadata:
    """Who, why and when, written once at append.

    `command_number` counts the commands on this aggregate, `last` marks the command's last event
    on it; `occurred_at` is UTC to the millisecond.
    """

    actor: str
    command_id: UUID
    command_number: int
    last: bool
    occurred_at: datetime
    correlation_id: UUID
    causation_id: UUID | None = None
    traceparent: str | None = None

    def to_json(self) -> str:
        members: dict[str, Any] = {
            "actor": self.actor,
            "commandId": self.command_id,
            "commandNumber": self.command_number,
            "last": self.last,
            "occurredAt": clock.iso(self.occurred_at),
            "correlationId": self.correlation_id,
            "causationId": self.causation_id,
            "traceparent": self.traceparent,
        }
        present = {name: value for name, value in members.items() if value is not None}
        return orjson.dumps(present).decode()

    @classmethod
    def from_json(cls, value: Mapping[str, Any] | str) -> "Metadata":
        """From the column, whether or not the connection decodes jsonb."""
        members: Mapping[str, Any] = orjson.loads(value) if isinstance(value, str) else value
        causation = members.get("causationId")
        return cls(
            actor=members["actor"],
            command_id=UUID(members["commandId"]),
            command_number=members["commandNumber"],
            last=members["last"],
            occurred_at=datetime.fromisoformat(members["occurredAt"]),
            correlation_id=UUID(members["correlationId"]),
            causation_id=UUID(causation) if causation else None,
            traceparent=members.get("traceparent"),
        )


class Row(Protocol):
    """A record of `eventlog.events`, or of any query with its columns."""

    def __getitem__(self, key: str, /) -> Any: ...


@dataclass(frozen=True)
class StoredEvent:
    """One row. `state` is the message's data: canonical JSON, sealed, compressed when long."""

    originator_id: UUID
    originator_version: int
    topic: str
    class_version: int
    state: bytes
    metadata: Metadata

    @property
    def event_id(self) -> UUID:
        """Derived from aggregate and version: the same at every republishing."""
        return ids.event_id(self.originator_id, self.originator_version)

    @classmethod
    def from_row(cls, row: Row, originator_id: UUID | None = None) -> "StoredEvent":
        """From a row; `originator_id` where the query did not select it."""
        return cls(
            originator_id=UUID(str(originator_id or row["originator_id"])),
            originator_version=row["originator_version"],
            topic=row["topic"],
            class_version=row["class_version"],
            state=bytes(row["state"]),
            metadata=Metadata.from_json(row["metadata"]),
        )


def pack(data: bytes) -> bytes:
    """Canonical JSON of an object as it is stored: zlib above 512 bytes."""
    return zlib.compress(data, 6) if len(data) > _COMPRESS_ABOVE else data


def unpack(state: bytes) -> bytes:
    """The JSON again. An object starts with `{`, a zlib stream never does."""
    return state if state[:1] == b"{" else zlib.decompress(state)
