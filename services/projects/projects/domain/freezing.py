"""A canvas as the frozen document that preflight, layout and render read."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from projects.domain.catalogue_facts import FormatFacts
from projects.domain.json_values import JsonObject
from projects.domain.project import Project
from projects.domain.state import Canvas, Placed
from scene.document import Document

_STILL_SECONDS = 5
_MEDIA = "media:"


def media_ids(values: Any) -> set[str]:
    """The ids of every `media:` reference inside a JSON value."""
    if isinstance(values, str):
        return {values.removeprefix(_MEDIA)} if values.startswith(_MEDIA) else set()
    if isinstance(values, Mapping):
        inner: Iterable[Any] = cast("Mapping[str, Any]", values).values()
    elif isinstance(values, list | tuple):
        inner = cast("list[Any]", values)
    else:
        return set()
    return {found for one in inner for found in media_ids(one)}


def media_of(project: Project, canvas: Canvas) -> set[str]:
    """The ids of the media files that a canvas shows."""
    shown = [canvas.config, *(e.values for e in elements_of(project, canvas.id))]
    return {found for one in shown for found in media_ids(one)}


def elements_of(project: Project, canvas_id: str) -> list[Placed]:
    return [e for e in project.elements.values() if e.canvas_id == canvas_id]


def canvas_document(
    project: Project, canvas: Canvas, format_facts: FormatFacts, assets: Mapping[str, JsonObject]
) -> Document:
    """The document of one canvas at the project's version; `assets` by media id."""
    shown = {name: assets[name] for name in media_of(project, canvas) if name in assets}
    return Document.model_validate(
        {
            "projectId": str(project.id),
            "version": project.version,
            "canvas": {
                "id": canvas.id,
                "name": canvas.name,
                "slug": format_facts.slug,
                "width": format_facts.width,
                "height": format_facts.height,
                "config": canvas.config,
                "safeZones": format_facts.safe_zones,
            },
            "duration": project.duration or _STILL_SECONDS,
            "elements": [e.to_json() for e in elements_of(project, canvas.id)],
            "assets": shown,
        }
    )


def with_natural_sizes(value: Any, assets: Mapping[str, JsonObject]) -> Any:
    """A JSON value whose media know their natural size: crops and layouts go by it."""
    if isinstance(value, list):
        return [with_natural_sizes(inner, assets) for inner in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    known = cast(JsonObject, value)
    inner = {name: with_natural_sizes(one, assets) for name, one in known.items()}
    source = known.get("src")
    if not isinstance(source, str):
        return inner
    asset = assets.get(source.removeprefix(_MEDIA)) or {}
    # Null in a merge patch takes away what was known of the file before.
    sizes = {"naturalWidth": asset.get("width"), "naturalHeight": asset.get("height")}
    return {**inner, **sizes}
