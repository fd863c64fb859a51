"""The catalogue that comes with the product: formats, categories, templates."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import orjson

from eventlog import EventLog
from eventlog.domain import Aggregate
from projects.domain.catalogue import Category, Format, Template
from projects.domain.elements import new_values
from projects.domain.json_values import JsonObject
from projects.domain.placeholders import Placeholder, filled
from runtime.context import Context
from runtime.ids import slug_id

DATA = Path(__file__).parent / "data"
_SERVICE = "service:projects"


async def seed(log: EventLog) -> int:
    """Create what is not there yet; returns how much was new. Running it again changes nothing."""
    return await log.seed(Context.for_actor(_SERVICE), shipped())


def shipped() -> list[Aggregate]:
    """Everything in the package's data, in the order in which it refers to each other.

    Raises KeyError or a Refusal for data that does not hang together.
    """
    templates = [_template(_object(path)) for path in sorted((DATA / "templates").glob("*.json"))]
    return [
        *(_format(one) for one in _list("social_formats.json")),
        *(_category(one) for one in _by_tree(_list("categories.json"))),
        *templates,
    ]


def _format(data: JsonObject) -> Format:
    extra = cast(JsonObject, data.get("extra") or {})
    names = Format.Created.model_fields.keys() & data.keys()
    return Format.begin(
        slug_id("format", data["slug"]),
        **{name: data[name] for name in names},
        limits=extra.get("limits") or {},
        encoding=extra.get("encoding") or {},
    )


def _category(data: JsonObject) -> Category:
    parent = data.get("parentSlug")
    return Category.begin(
        slug_id("category", data["slug"]),
        name=data["name"],
        slug=data["slug"],
        description=data.get("description"),
        icon=data.get("icon"),
        parent_id=slug_id("category", parent) if parent else None,
        sort_order=data.get("sortOrder", 0),
    )


def _by_tree(found: Sequence[JsonObject]) -> list[JsonObject]:
    """Parents before children."""
    slugs = {one["slug"]: one for one in found}

    def depth(one: JsonObject) -> int:
        parent = one.get("parentSlug")
        return 0 if not parent else 1 + depth(slugs[parent])

    return sorted(found, key=depth)


def _template(data: JsonObject) -> Template:
    _check(data)
    return Template.begin(
        slug_id("template", data["slug"]),
        name=data["name"],
        description=data.get("description"),
        slug=data["slug"],
        category_id=slug_id("category", data["categorySlug"]),
        tags=data.get("tags", []),
        social_format_id=slug_id("format", data["formatSlug"]),
        template_data=data["templateData"],
        ai_prompts=data.get("aiPrompts"),
        placeholders=data.get("placeholders", []),
        is_featured=data.get("isFeatured", False),
    )


def _check(data: JsonObject) -> None:
    """Raises Invalid for a layer that could not become an element."""
    blanks = [Placeholder.model_validate(one) for one in data.get("placeholders", [])]
    values = {one.id: one.default_value or _EXAMPLE[one.type] for one in blanks}
    for layer in cast("list[JsonObject]", data["templateData"]["layers"]):
        kind = "text" if layer["properties"].get("text") else layer["type"]
        new_values(
            {
                "name": layer["name"],
                "type": "image" if kind == "ai-generated" else kind,
                "startTime": layer["startTime"],
                "duration": layer["duration"],
                "properties": filled(layer["properties"], values),
            },
            {},
        )


_EXAMPLE = {"text": "Text", "image": "pack:citrus", "video": "pack:citrus"}


@lru_cache(maxsize=64)
def _read(path: Path) -> Any:
    return orjson.loads(path.read_bytes())


def _list(name: str) -> list[JsonObject]:
    return _read(DATA / name)


def _object(path: Path) -> JsonObject:
    return _read(path)
