"""What a check reads and what it answers."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Severity = Literal["info", "warning", "error"]


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=to_camel,
        populate_by_name=True,
        from_attributes=True,
    )


class Features(_Part):
    """J01. What is not said is taken as possible."""

    supports_video: bool = True
    supports_audio: bool = True
    supports_text: bool = True
    supports_stickers: bool = True
    supports_filters: bool = True
    supports_transitions: bool = True
    max_layers: Annotated[int, Field(ge=0)] = 1000


class Zone(_Part):
    """J02, canvas pixels."""

    name: str
    x: float
    y: float
    width: float
    height: float


class Format(_Part):
    """A social format as checks need it: camelCase JSON, column names or an object's attributes.

    `max_duration` in seconds, None for a static format; sizes in bytes; `limits` and `encoding` are
    the catalogue's (minDuration, imageMaxBytes, videoKbpsRecommended, audioKbps).
    """

    name: str
    slug: str
    width: int
    height: int
    max_duration: float | None = None
    recommended_formats: tuple[str, ...] = ()
    max_file_size: int | None = None
    supported_features: Features = Features()
    safe_zones: tuple[Zone, ...] = ()
    limits: Mapping[str, Any] = {}
    encoding: Mapping[str, Any] | None = None

    @property
    def is_static(self) -> bool:
        return self.max_duration is None


class Fix(_Part):
    """One command of an edit batch that would clear the finding."""

    label: str
    command: dict[str, Any]


class Finding(_Part):
    """`rule` is stable, `message` is for people; `measured` and `limit` in the rule's own unit."""

    canvas_id: str
    element_id: str | None = None
    rule: str
    severity: Severity
    message: str
    measured: float | str | None = None
    limit: float | str | None = None
    waivable: bool = True
    fix: Fix | None = None
