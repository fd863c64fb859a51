"""One record from the bus, read as far as this service needs it."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from contracts import (
    Envelope,
    InvalidData,
    MessageData,
    UnreadableEnvelope,
    read_data,
    read_envelope,
)
from eventlog.kafka import Record

Unsealer = Callable[[dict[str, Any], str], Awaitable[dict[str, Any]]]
"""`(data, event id)` to data with its sealed members back, or without them when the key is gone."""


@dataclass(frozen=True)
class Incoming:
    """A record and what was understood of it.

    `envelope` is None when the bytes are no message of ours, then `fault` says why. `data` is None
    when nobody here uses the type, or when it does not validate: then `fault` says why.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    envelope: Envelope | None = None
    data: MessageData | None = None
    fault: str | None = None

    @property
    def subject(self) -> str | None:
        """The aggregate: from the envelope, else from the record's key."""
        if self.envelope is not None:
            return self.envelope.subject
        return self.key.decode(errors="replace") if self.key else None

    @property
    def sequence(self) -> int | None:
        return self.envelope.sequence if self.envelope else None

    @property
    def event_id(self) -> UUID | None:
        return self.envelope.id if self.envelope else None

    @property
    def type(self) -> str | None:
        return self.envelope.type if self.envelope else None


class Reader:
    """Turns records into `Incoming`, unsealing and validating only the types that are used."""

    def __init__(self, types: Collection[str], unsealer: Unsealer) -> None:
        self._types = frozenset(types)
        self._unseal = unsealer

    async def read(self, record: Record) -> Incoming:
        """Raises nothing about the record, only what the unsealer raises (keys out of reach)."""
        return await self.read_bytes(
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            key=record.key,
            value=record.value or b"",
            headers=_readable(record),
        )

    async def read_bytes(
        self,
        *,
        topic: str,
        partition: int,
        offset: int,
        key: bytes | None,
        value: bytes,
        headers: Mapping[str, str],
    ) -> Incoming:
        envelope: Envelope | None = None
        data: MessageData | None = None
        fault: str | None = None
        try:
            envelope = read_envelope(value)
            if envelope.type in self._types:
                opened = await self._unseal(envelope.data, str(envelope.id))
                data = read_data(envelope, opened)
        except UnreadableEnvelope as error:
            fault = f"unreadable envelope: {error}"
        except InvalidData as error:
            fault = f"invalid data: {error}"
        return Incoming(topic, partition, offset, key, value, headers, envelope, data, fault)


def _readable(record: Record) -> dict[str, str]:
    # Headers are for tracing only, so a broken one must not stop a message.
    pairs: list[tuple[str, bytes | None]] = list(record.headers or ())
    return {name: (value or b"").decode(errors="replace") for name, value in pairs}
