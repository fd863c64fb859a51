"""A project's events as people and programs read them."""

from eventlog import Recorded
from projects.domain.json_values import JsonObject
from runtime import clock, ids

_NOT_DATA = {"originator_id", "originator_version", "timestamp", "originator_topic"}


def as_shown(recorded: Recorded) -> JsonObject:
    """Who, when, what; `data` is that of the message on the bus, in clear.

    Steps of one command share `commandId` and `causationId`; what caused a person's own command is
    the command itself.
    """
    event, metadata = recorded.event, recorded.metadata
    return {
        "id": str(ids.event_id(event.originator_id, event.originator_version)),
        "version": event.originator_version,
        "type": event.TOPIC.partition(".")[2],
        "time": clock.iso(metadata.occurred_at),
        "actor": metadata.actor,
        "commandId": str(metadata.command_id),
        "commandNumber": metadata.command_number,
        "last": metadata.last,
        "causationId": str(metadata.causation_id or metadata.command_id),
        "correlationId": str(metadata.correlation_id),
        "data": event.model_dump(mode="json", by_alias=True, exclude=_NOT_DATA),
    }
