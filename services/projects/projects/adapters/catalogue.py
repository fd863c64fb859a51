"""Queries on formats and categories, which everybody may read."""

import time
from collections.abc import Mapping
from uuid import UUID

from projects.domain.catalogue_facts import FormatFacts
from projects.domain.json_values import JsonObject
from projects.domain.refusals import invalid
from runtime import clock
from runtime.database import Connection, Record


async def formats(
    connection: Connection, platform: str | None = None, aspect_ratio: str | None = None
) -> list[JsonObject]:
    """The whole catalogue in its order; `isActive` tells which ones a new canvas may have."""
    rows = await connection.fetch(
        """select * from social_formats
            where ($1::text is null or platform = $1) and ($2::text is null or aspect_ratio = $2)
           order by sort_order, slug""",
        platform,
        aspect_ratio,
    )
    return [format_of(row) for row in rows]


async def every_format(connection: Connection) -> list[JsonObject]:
    """All formats, inactive ones too: projects may still stand on them."""
    return [format_of(row) for row in await connection.fetch("select * from social_formats")]


def format_of(row: Record) -> JsonObject:
    """A row of `social_formats` in camelCase."""
    return {
        "id": str(row["id"]),
        "name": row["name"],
        "slug": row["slug"],
        "platform": row["platform"],
        "width": row["width"],
        "height": row["height"],
        "aspectRatio": row["aspect_ratio"],
        "maxDuration": row["max_duration"],
        "recommendedFormats": row["recommended_formats"],
        "maxFileSize": row["max_file_size"],
        "supportedFeatures": row["supported_features"],
        "safeZones": row["safe_zones"],
        "brandingGuidelines": row["branding_guidelines"],
        "isActive": row["is_active"],
        "sortOrder": row["sort_order"],
        "createdAt": clock.iso(row["created_at"]),
        "updatedAt": clock.iso(row["updated_at"]),
        "limits": row["limits"],
        "encoding": row["encoding"],
    }


async def categories(connection: Connection) -> list[JsonObject]:
    """Active categories, flat, in their order; the tree is in `parentId`."""
    rows = await connection.fetch(
        "select * from template_categories where is_active order by sort_order, slug"
    )
    return [_category_of(row) for row in rows]


async def category(connection: Connection, category_id: UUID) -> JsonObject | None:
    row = await connection.fetchrow("select * from template_categories where id = $1", category_id)
    return None if row is None else _category_of(row)


def _category_of(row: Record) -> JsonObject:
    return {
        "id": str(row["id"]),
        "name": row["name"],
        "slug": row["slug"],
        "description": row["description"],
        "icon": row["icon"],
        "parentId": None if row["parent_id"] is None else str(row["parent_id"]),
        "isActive": row["is_active"],
        "sortOrder": row["sort_order"],
        "createdAt": clock.iso(row["created_at"]),
        "updatedAt": clock.iso(row["updated_at"]),
    }


class Formats:
    """All formats by id, remembered for half a minute: they change with releases only."""

    _SECONDS = 30.0

    def __init__(self) -> None:
        self._until = 0.0
        self._known: Mapping[str, FormatFacts] = {}

    async def all(self, connection: Connection) -> Mapping[str, FormatFacts]:
        if time.monotonic() >= self._until:
            rows = await every_format(connection)
            self._known = {row["id"]: FormatFacts.model_validate(row) for row in rows}
            self._until = time.monotonic() + self._SECONDS if rows else 0.0
        return self._known


def named_format(formats: Mapping[str, FormatFacts], name: str, pointer: str) -> FormatFacts:
    """An active format by slug or id. Raises Invalid at `pointer`."""
    for one in formats.values():
        if name in (one.slug, one.id) and one.is_active:
            return one
    raise invalid(pointer, "unknown_format", f"There is no format {name}.")
