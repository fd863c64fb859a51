"""From a stored event to the bytes on the bus: the same bytes whenever it is published again."""

from typing import Any

import orjson

from eventlog.published import Published
from eventlog.stored import StoredEvent, unpack
from runtime import clock

MAX_MESSAGE_BYTES = 1_000_000
ENVELOPE_BYTES = 2_000
"""Room that the envelope takes at most, so that data may have the rest."""


def message_bytes(source: str, stored: StoredEvent, published: Published) -> bytes:
    """The CloudEvents message of an event; `source` is the service's name, e.g. `projects`.

    A pure function of the stored row: nothing is encrypted, read or stamped here, so it also works
    after the event's key is forgotten. Raises LookupError for a topic that is not published.
    """
    publication = published.of(stored.topic)
    metadata = stored.metadata
    envelope: dict[str, Any] = {
        "specversion": "1.0",
        "id": stored.event_id,
        "type": publication.type,
        "source": source,
        "subject": str(stored.originator_id),
        "sequence": stored.originator_version,
        "time": clock.iso(metadata.occurred_at),
        "datacontenttype": "application/json",
        "dataschema": publication.dataschema,
        "traceparent": metadata.traceparent,
        "correlationid": metadata.correlation_id,
        "causationid": metadata.causation_id,
        "commandid": metadata.command_id,
        "commandnumber": metadata.command_number,
        "last": metadata.last,
        "actor": metadata.actor,
        "data": orjson.Fragment(unpack(stored.state)),
    }
    return orjson.dumps({name: value for name, value in envelope.items() if value is not None})


def message_key(stored: StoredEvent) -> bytes:
    """Kafka's record key: the aggregate's id as text, so that its messages keep their order."""
    return str(stored.originator_id).encode()
