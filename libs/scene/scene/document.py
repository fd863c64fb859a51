"""The frozen document of one canvas: what layout, preflight and render all read."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from scene.elements import Element, FillText, Source

HASH_VERSION = "1"
DOCUMENT_FORMAT = "multicanvas.document/1"


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=to_camel,
        populate_by_name=True,
        allow_inf_nan=False,
    )


class SafeZone(_Part):
    """A named rectangle in canvas pixels, e.g. `title_safe`."""

    name: str
    x: float
    y: float
    width: float
    height: float


class CanvasConfig(_Part):
    """What is painted below every element. Grid and guide switches of editors are not ours."""

    background_color: FillText = "#ffffff"
    background_image: Source | None = None


class Canvas(_Part):
    """An artboard. `slug` is its social format's; `is_static` says that format has no video."""

    id: str
    name: str | None = None
    slug: str | None = None
    width: Annotated[int, Field(ge=1, le=16_384)]
    height: Annotated[int, Field(ge=1, le=16_384)]
    is_static: bool = False
    config: CanvasConfig = CanvasConfig()
    safe_zones: tuple[SafeZone, ...] = ()

    def safe_zone(self, name: str) -> SafeZone | None:
        return next((zone for zone in self.safe_zones if zone.name == name), None)


class Track(_Part):
    """A lane of the timeline; a hidden one is not drawn, a muted one not heard."""

    id: str | None = None
    index: int
    name: str | None = None
    type: str | None = None
    muted: bool = False
    hidden: bool = False
    solo: bool = False
    volume: Annotated[float, Field(ge=0, le=10)] = 1


class Asset(_Part):
    """Where a picture, clip or sound lies, and what its file was found to be.

    `width`, `height` in pixels as shown (rotation applied), `duration` in seconds.
    """

    provider: str | None = None
    bucket: str | None = None
    object_key: str | None = None
    mime_type: str | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    has_audio: bool = False
    sha256: str | None = None


class Document(_Part):
    """One canvas at one version. `assets` is keyed by media id (without `media:`)."""

    format: Literal["multicanvas.document/1"] = DOCUMENT_FORMAT
    project_id: str | None = None
    version: int | None = None
    canvas: Canvas
    duration: Annotated[float, Field(ge=0, le=86_400)] = 5
    tracks: tuple[Track, ...] = ()
    elements: tuple[Element, ...] = ()
    assets: Mapping[str, Asset] = {}

    @classmethod
    def from_json(cls, data: bytes) -> "Document":
        """Reads canonical or any other JSON of a document; raises pydantic's ValidationError."""
        return cls.model_validate(orjson.loads(data))

    def to_json(self) -> bytes:
        """Canonical JSON: sorted keys, without nulls and defaults (`format` always present)."""
        return orjson.dumps({**canonical(self), "format": self.format}, option=orjson.OPT_SORT_KEYS)


def canonical(model: BaseModel) -> dict[str, Any]:
    """A model's JSON members that say something: no nulls, no defaults."""
    return model.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)


def _digest(value: object) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


def element_hash(element: Element | Mapping[str, Any]) -> str:
    """SHA-256 (hex) over the element's canonical JSON; raises ValidationError for a bad one."""
    parsed = element if isinstance(element, Element) else Element.model_validate(dict(element))
    return _digest(canonical(parsed))


def canvas_hash(
    canvas: Canvas,
    element_hashes: Iterable[str],
    *,
    duration: float,
    tracks: Sequence[Track] = (),
) -> str:
    """`1-<hex>` over canvas, duration, tracks and the set of its elements' hashes.

    Element order does not matter: paint order is in the elements themselves.
    """
    whole = {
        "canvas": canonical(canvas),
        "duration": float(duration),
        "tracks": [canonical(track) for track in sorted(tracks, key=lambda track: track.index)],
        "elements": sorted(element_hashes),
    }
    return f"{HASH_VERSION}-{_digest(whole)}"


def project_hash(canvas_hashes: Mapping[str, str]) -> str:
    """`1-<hex>` over the canvases' hashes by canvas id."""
    return f"{HASH_VERSION}-{_digest(dict(canvas_hashes))}"


def document_hash(document: Document) -> str:
    """The canvas's hash; project, version and where the assets lie do not take part."""
    return canvas_hash(
        document.canvas,
        (element_hash(element) for element in document.elements),
        duration=document.duration,
        tracks=document.tracks,
    )


def paint_order(element: Element) -> tuple[int, int, float, str]:
    """Lowest first: zIndex, trackIndex, startTime, id."""
    return element.z_index, element.track_index, element.start_time, element.id
