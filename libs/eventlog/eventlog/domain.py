"""What a domain is written with: frozen events, aggregates, refusals. Pure: no input, no output."""

import inspect
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, cast
from uuid import UUID

from eventsourcing.domain import Aggregate as _Aggregate
from eventsourcing.domain import CanInitAggregate, CanMutateAggregate, decorated_funcs, event
from pydantic import BaseModel, ConfigDict, field_validator
from pydantic.alias_generators import to_camel

__all__ = [
    "Aggregate",
    "DomainEvent",
    "KeyScope",
    "Refusal",
    "SnapshotState",
    "at",
    "event",
    "event_class",
    "events_of",
]

_clock: ContextVar[datetime | None] = ContextVar("eventlog_clock", default=None)
_EVENT_CLASSES: dict[str, type["DomainEvent"]] = {}


def _to_millisecond(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)


@contextmanager
def at(moment: datetime) -> Generator[None]:
    """Events triggered inside happen at `moment`, an aware time. The log does this per command."""
    token = _clock.set(_to_millisecond(moment))
    try:
        yield
    finally:
        _clock.reset(token)


@dataclass(frozen=True)
class KeyScope:
    """Whose key seals an aggregate: erasing that project or user makes its sealed parts unreadable.

    `kind` is one of project, user, team, template, generation; `id` names the one of that kind.
    """

    kind: str
    id: str
    project_id: UUID | None = None
    user_id: str | None = None


class Refusal(Exception):
    """A rule says no. Answered as problem+json; nothing is recorded.

    `code` is a stable slug for programs, `detail` a sentence for people, `status` the HTTP status
    (409 unless the rule is about form 422, rights 403, absence 404, a lock 423). `errors` may list
    single fields as `{"pointer", "code", "message"}`; `extra` adds members to the answer.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        status: int = 409,
        errors: Sequence[Any] = (),
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.status = status
        self.errors = list(errors)
        self.extra = extra

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class DomainEvent(BaseModel):
    """A fact, in the past tense. Its JSON is the data of the contract message of the same topic.

    `originator_id` and `originator_version` name the aggregate and the place in its history,
    `timestamp` is UTC to the millisecond; these three are not part of the JSON. Fields named by
    `SEALED` (JSON Pointer patterns in camelCase, `*` = any array item) are stored encrypted and
    must be optional: once the key is forgotten they are missing.

    A field that is renamed, retyped or newly required needs `class_version` + 1 and a static method
    `upcast_v1_v2(state: dict[str, Any]) -> None` that edits the old JSON, unsealed, in place.
    """

    TOPIC: ClassVar[str]
    SEALED: ClassVar[tuple[str, ...]] = ()
    class_version: ClassVar[int] = 1

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True
    )

    originator_id: UUID
    originator_version: int
    timestamp: datetime

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        # The library passes on what the signature names, and pydantic would name the aliases: a
        # field of two words would be dropped without a word.
        named = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in cls.model_fields
        ]
        cls.__signature__ = inspect.Signature(named)

    @field_validator("timestamp")
    @classmethod
    def _truncate(cls, moment: datetime) -> datetime:
        return _to_millisecond(moment)


class SnapshotState(BaseModel):
    """The attributes of an aggregate, typed, for its snapshots.

    One field per attribute, of the same name; an aggregate with a nested class `State` of this kind
    gets snapshots. Raise `class_version` whenever fields or the meaning of events change: older
    snapshots are then passed over and the events replayed.
    """

    class_version: ClassVar[int] = 1
    model_config = ConfigDict(extra="forbid")


class Aggregate(_Aggregate):
    """Something that decides. Public methods check and then trigger; `@event` bodies only assign.

    A subclass has a class attribute `TOPIC` ("projects.project") and nested event classes derived
    from `Aggregate.Created` and `Aggregate.Event`, each with a `TOPIC` of its own. Its `__init__`
    takes `id` (made by whoever commands). Define `State` to have snapshots, and `key_scope` if any
    event seals something.
    """

    if TYPE_CHECKING:  # an annotation at run time would turn every aggregate into a dataclass
        TOPIC: ClassVar[str]
        State: ClassVar[type[SnapshotState]]
    else:
        State = SnapshotState

    command_number = 0
    """How many commands wrote to this aggregate: what people see as its version ("v12")."""

    class Event(DomainEvent, CanMutateAggregate[UUID]):  # pyright: ignore[reportIncompatibleVariableOverride]  # the library declares its event as a dataclass
        """What happened to an aggregate that exists."""

        @staticmethod
        def create_timestamp() -> datetime:
            return _clock.get() or _to_millisecond(datetime.now(UTC))

    class Created(Event, CanInitAggregate[UUID]):  # pyright: ignore[reportIncompatibleVariableOverride]  # as above
        """How an aggregate began: version 1."""

        AGGREGATE_TOPIC: ClassVar[str] = ""
        originator_topic: str = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for value in list(vars(cls).values()):
            if isinstance(value, type) and issubclass(value, DomainEvent):
                _register(cls, value)

    @staticmethod
    def create_id(*_: Any, **__: Any) -> UUID:
        """Never called when `__init__` takes `id`: the domain rolls no dice."""
        raise NotImplementedError

    @property
    def key_scope(self) -> KeyScope | None:
        """Whose key seals this aggregate's events and snapshots; None seals nothing."""
        return None


def _register(aggregate: type[Aggregate], event_type: type[DomainEvent]) -> None:
    topic = getattr(event_type, "TOPIC", None)
    if topic is None:
        return
    if issubclass(event_type, Aggregate.Created):
        event_type.AGGREGATE_TOPIC = aggregate.TOPIC
    body = cast("dict[type, Any]", decorated_funcs).get(event_type)
    if body is not None:
        unknown = set(inspect.signature(body).parameters) - {"self"} - set(event_type.model_fields)
        if unknown:
            raise TypeError(f"{body.__qualname__}: {event_type.__name__} has no {sorted(unknown)}")
    _EVENT_CLASSES[topic] = event_type


def event_class(topic: str) -> type[DomainEvent] | None:
    """The class that an aggregate uses for this topic. Never imports: topics come from rows."""
    return _EVENT_CLASSES.get(topic)


def events_of(aggregate: type[Aggregate]) -> tuple[type[DomainEvent], ...]:
    """The event classes of one aggregate, in the order of their definition."""
    return tuple(
        value
        for value in vars(aggregate).values()
        if isinstance(value, type)
        and issubclass(value, DomainEvent)
        and _EVENT_CLASSES.get(getattr(value, "TOPIC", "")) is value
    )
