"""Which contract message each domain event becomes: one table per service, checked at start."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.envelope import MessageData
from contracts.schemas import schema_uri
from eventlog.domain import DomainEvent, event_class


@dataclass(frozen=True)
class Publication:
    """How events of one topic appear on the bus."""

    event: type[DomainEvent]
    message: type[MessageData]

    @property
    def type(self) -> str:
        """CloudEvents type, e.g. `projects.element_edited.v1`."""
        return self.message.TYPE

    @property
    def destination(self) -> str:
        """Kafka topic, e.g. `projects.events.v1`."""
        return self.message.TOPIC

    @property
    def dataschema(self) -> str:
        return schema_uri(self.message.TYPE)


class Published:
    """Domain event class → contract message class. Also the allow-list of what may be stored.

    Raises ValueError when an event could not be read as its message: other sealed members, a
    required member that the event does not have, or a class that its aggregate does not use.
    """

    def __init__(self, messages: Mapping[type[DomainEvent], type[MessageData]]) -> None:
        self._by_topic: dict[str, Publication] = {}
        for event, message in messages.items():
            _check(event, message)
            if event.TOPIC in self._by_topic:
                raise ValueError(f"{event.TOPIC} is published twice")
            self._by_topic[event.TOPIC] = Publication(event, message)

    def of(self, topic: str) -> Publication:
        """By an event's topic. Raises LookupError for one that this service does not publish."""
        try:
            return self._by_topic[topic]
        except KeyError:
            raise LookupError(f"{topic} is not in this service's table of messages") from None

    @property
    def destinations(self) -> frozenset[str]:
        """The Kafka topics that this service's events go to."""
        return frozenset(entry.destination for entry in self._by_topic.values())


def _check(event: type[DomainEvent], message: type[MessageData]) -> None:
    name = f"{event.TOPIC} as {message.TYPE}"
    if event_class(event.TOPIC) is not event:
        raise ValueError(f"{name}: name the class through its aggregate, e.g. Project.Created")
    if set(event.SEALED) != set(message.SEALED):
        raise ValueError(f"{name}: sealed {event.SEALED} but the contract says {message.SEALED}")
    known = {field.alias or key for key, field in event.model_fields.items()}
    needed = {
        field.alias or key for key, field in message.model_fields.items() if field.is_required()
    }
    if missing := needed - known:
        raise ValueError(f"{name}: the event lacks {sorted(missing)}")
