"""The CloudEvents 1.0 envelope that every message on the bus wears."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class MessageData(BaseModel):
    """What happened, in the seed's camelCase names. Readers ignore fields they do not know.

    `TYPE` is the CloudEvents type; `SEALED` lists the JSON Pointer patterns (`*` = any array item)
    whose values travel encrypted: a reader without the key sees those fields missing, so every
    sealed field is optional.
    """

    TYPE: ClassVar[str]
    TOPIC: ClassVar[str]
    SEALED: ClassVar[tuple[str, ...]] = ()

    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True
    )


class Envelope(BaseModel):
    """One message: what the producer's relay writes and every consumer reads.

    `subject` is the aggregate's id and `sequence` its version; progress messages have no sequence.
    `data` is kept as a plain mapping; `contracts.read` validates it against its type.
    """

    specversion: str = "1.0"
    id: UUID
    type: str
    source: str
    subject: str
    sequence: int | None = None
    time: datetime
    datacontenttype: str = "application/json"
    dataschema: str | None = None
    traceparent: str | None = None
    correlationid: UUID | None = None
    causationid: UUID | None = None
    commandid: UUID | None = None
    commandnumber: int | None = None
    last: bool = Field(default=True, description="Whether this is its command's last event.")
    actor: str | None = None
    data: dict[str, Any]

    model_config = ConfigDict(frozen=True, extra="ignore")
