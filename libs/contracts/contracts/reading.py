"""From the bytes of a Kafka record to a typed message, and the reasons why that may fail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from contracts.catalogue import MESSAGES
from contracts.envelope import Envelope, MessageData

Unseal = Callable[[Mapping[str, Any], str], dict[str, Any]]
"""`(data, event id) -> data with its sealed members put back`, or unchanged without the key."""


class UnreadableEnvelope(ValueError):
    """The bytes are no CloudEvents message of ours."""


class InvalidData(ValueError):
    """A known type whose data does not fit its model."""


@dataclass(frozen=True)
class Message:
    """A message with typed data; `data` is None when this reader does not know the type."""

    envelope: Envelope
    data: MessageData | None


def read_envelope(value: bytes) -> Envelope:
    """Raises UnreadableEnvelope."""
    try:
        return Envelope.model_validate_json(value)
    except ValidationError as error:
        raise UnreadableEnvelope(_first_reason(error)) from error


def read_data(envelope: Envelope, data: Mapping[str, Any] | None = None) -> MessageData | None:
    """The typed data of a message (`data` replaces the envelope's when it was unsealed before).

    Raises InvalidData.
    """
    model = MESSAGES.get(envelope.type)
    if model is None:
        return None
    try:
        return model.model_validate(envelope.data if data is None else data)
    except ValidationError as error:
        raise InvalidData(f"{envelope.type}: {_first_reason(error)}") from error


def read(value: bytes, unseal: Unseal | None = None) -> Message:
    """Read one record's value. Raises UnreadableEnvelope or InvalidData."""
    envelope = read_envelope(value)
    data = unseal(envelope.data, str(envelope.id)) if unseal else None
    return Message(envelope, read_data(envelope, data))


def _first_reason(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'/'.join(str(part) for part in first['loc']) or 'message'}: {first['msg']}"
