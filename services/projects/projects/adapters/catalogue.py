"""Queries on formats and categories, which everybody may read."""

from uuid import UUID

from projects.domain.json_values import JsonObject
from runtime import clock
from runtime.database import Connection, Record


async def formats(
    connection: Connection, platform: str | None = None, aspect_ratio: str | None = None
) -> list[JsonObject]:
    """Active formats in their order."""
    rows = await connection.fetch(
        """select * from social_formats where is_active
             and ($1::text is null or platform = $1) and ($2::text is null or aspect_ratio = $2)
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
