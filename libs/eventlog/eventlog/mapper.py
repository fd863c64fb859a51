"""Domain event ⇄ stored event: canonical JSON, sealed once, upcast when it is old."""

from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import orjson

from eventlog.domain import Aggregate, DomainEvent, KeyScope, Refusal
from eventlog.errors import UnknownEvent
from eventlog.message import ENVELOPE_BYTES, MAX_MESSAGE_BYTES
from eventlog.published import Published
from eventlog.sealing import Sealer
from eventlog.stored import Metadata, StoredEvent, pack, unpack
from runtime import ids

_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS
_NOT_DATA = {"originator_id", "originator_version", "timestamp", "originator_topic"}


class Mapper:
    """Writes and reads the events that a service publishes, and no others."""

    def __init__(self, published: Published, sealer: Sealer) -> None:
        self._published = published
        self._sealer = sealer

    async def to_stored(
        self, event: DomainEvent, metadata: Metadata, scope: KeyScope | None
    ) -> StoredEvent:
        """Seal and pack. Raises LookupError for an event that is not published, ValueError for one
        that seals without a scope, Refusal (422) when its message would be too large.
        """
        self._published.of(event.TOPIC)
        body = canonical(event.model_dump(by_alias=True, exclude=_NOT_DATA))
        if event.SEALED:
            if scope is None:
                raise ValueError(f"{event.TOPIC} seals members, but its aggregate has no key_scope")
            identity = ids.event_id(event.originator_id, event.originator_version)
            data = await self._sealer.seal(orjson.loads(body), event.SEALED, scope, str(identity))
            body = canonical(data)
        if len(body) > MAX_MESSAGE_BYTES - ENVELOPE_BYTES:
            raise Refusal("too_large", "This change is larger than 1 MB.", 422)
        return StoredEvent(
            event.originator_id,
            event.originator_version,
            event.TOPIC,
            event.class_version,
            pack(body),
            metadata,
        )

    async def to_event(self, stored: StoredEvent) -> DomainEvent:
        """Unseal as far as the key is there, and upcast. Raises UnknownEvent for what a newer
        release wrote and LookupError for a topic outside the table: rows import no module.
        """
        kind = self._published.of(stored.topic).event
        if stored.class_version > kind.class_version:
            raise UnknownEvent(f"{stored.topic} version {stored.class_version}")
        data: dict[str, Any] = orjson.loads(unpack(stored.state))
        if "sealed" in data:
            data = await self._sealer.unseal(data, str(stored.event_id))
            data.pop("sealed", None)
        for version in range(stored.class_version, kind.class_version):
            getattr(kind, f"upcast_v{version}_v{version + 1}")(data)
        data["originator_id"] = stored.originator_id
        data["originator_version"] = stored.originator_version
        data["timestamp"] = stored.metadata.occurred_at
        if issubclass(kind, Aggregate.Created):
            data["originator_topic"] = kind.AGGREGATE_TOPIC
        return kind.model_validate(data)


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and nothing to choose: equal values give equal bytes."""
    return orjson.dumps(value, default=_plain, option=_CANONICAL)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, UUID):  # a subclass, such as a driver's own
        return str(value)
    if isinstance(value, frozenset | set):
        return sorted(cast("set[Any]", value))
    raise TypeError(f"{type(value).__name__} has no JSON form")
