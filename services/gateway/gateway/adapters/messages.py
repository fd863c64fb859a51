"""Messages of the bus and rows of a history, as live clients get to see them: one shape."""

import re
from collections.abc import Mapping
from typing import Any

from contracts import Envelope
from gateway.adapters.hub import Live
from runtime import clock

_AROUND = re.compile(r"^[a-z]+\.|\.v\d+$")


def of_envelope(envelope: Envelope, data: Mapping[str, Any]) -> Live:
    """`data` with its sealed members put back as far as the key is known."""
    opened = {name: value for name, value in data.items() if name != "sealed"}
    name = short_type(envelope.type)
    told: dict[str, Any] = {
        "id": str(envelope.id),
        "version": envelope.sequence,
        "type": name,
        "time": clock.iso(envelope.time),
        "actor": envelope.actor,
        "commandId": _text(envelope.commandid),
        "commandNumber": envelope.commandnumber,
        "last": envelope.last,
        "correlationId": _text(envelope.correlationid),
        "causationId": _text(envelope.causationid or envelope.commandid),
        "data": opened,
    }
    return Live(name, told, envelope.sequence)


def of_history(item: Mapping[str, Any]) -> Live:
    """An item of `GET /v1/projects/{id}/events`."""
    kind = short_type(str(item["type"]))
    told = {name: item.get(name) for name in _MEMBERS} | {"type": kind}
    return Live(kind, told, int(item["version"]))


def of_feed(subject: str, envelope_type: str, time: str, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": short_type(envelope_type), "subject": subject, "time": time, "data": dict(data)}


def of_progress(envelope: Envelope) -> Live:
    """Progress has no place in any order."""
    told = of_feed(envelope.subject, envelope.type, clock.iso(envelope.time), envelope.data)
    return Live(told["type"], told)


def short_type(name: str) -> str:
    """`projects.element_edited.v1` → `element_edited`."""
    return _AROUND.sub("", name)


_MEMBERS = (
    "id",
    "version",
    "type",
    "time",
    "actor",
    "commandId",
    "commandNumber",
    "last",
    "correlationId",
    "causationId",
    "data",
)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
