"""Queries on templates; row-level security says which ones the actor may see."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from projects.domain.json_values import JsonObject
from runtime import clock
from runtime.database import Connection, Record

Sort = Literal["popular", "rating", "new"]

_ORDERS = {
    "popular": "usage_count desc, id",
    "rating": "rating desc, id",
    "new": "created_at desc, id",
    None: "is_featured desc, created_at desc, id",
}


@dataclass(frozen=True)
class TemplateFilter:
    """What a list asks for; format and category by slug or id."""

    format: str | None = None
    category: str | None = None
    tag: str | None = None
    q: str | None = None
    visibility: str | None = None
    featured: bool | None = None
    sort: Sort | None = None


async def find(
    connection: Connection, wanted: TemplateFilter, limit: int, offset: int
) -> list[JsonObject]:
    """Active templates that fit, with format and category beside their ids."""
    rows = await connection.fetch(
        f"""select t.*, f.slug as format_slug, c.slug as category_slug
             from templates t join social_formats f on f.id = t.social_format_id
             join template_categories c on c.id = t.category_id
            where t.is_active
              and ($1::text is null or f.slug = $1 or f.id::text = $1)
              and ($2::text is null or c.slug = $2 or c.id::text = $2)
              and ($3::text is null or t.tags ? $3)
              and ($4::text is null or t.name ilike $4 or t.description ilike $4
                   or t.tags::text ilike $4)
              and ($5::text is null or t.visibility = $5)
              and ($6::boolean is null or t.is_featured = $6)
            order by {_ORDERS[wanted.sort]} limit $7 offset $8""",  # noqa: S608 - from a table
        wanted.format,
        wanted.category,
        wanted.tag,
        None if wanted.q is None else like(wanted.q),
        wanted.visibility,
        wanted.featured,
        limit,
        offset,
    )
    return [template_of(row) for row in rows]


async def one(connection: Connection, named: str) -> JsonObject | None:
    """A template by id or, for shipped ones, by slug."""
    row = await connection.fetchrow(
        """select t.*, f.slug as format_slug, c.slug as category_slug
             from templates t join social_formats f on f.id = t.social_format_id
             join template_categories c on c.id = t.category_id
            where t.id = $1 or t.slug = $2""",
        _uuid(named),
        named,
    )
    return None if row is None else template_of(row)


def template_of(row: Record) -> JsonObject:
    """A row of `templates` in camelCase."""
    names: dict[str, Any] = {
        "id": str(row["id"]),
        "name": row["name"],
        "slug": row["slug"],
        "description": row["description"],
        "categoryId": str(row["category_id"]),
        "category": row["category_slug"],
        "tags": row["tags"],
        "socialFormatId": str(row["social_format_id"]),
        "format": row["format_slug"],
        "thumbnailUrl": row["thumbnail_url"],
        "previewUrl": row["preview_url"],
        "templateData": row["template_data"],
        "aiPrompts": row["ai_prompts"],
        "placeholders": row["placeholders"],
        "usageCount": row["usage_count"],
        "rating": float(row["rating"] or 0),
        "ratingCount": row["rating_count"],
        "createdBy": row["created_by"],
        "teamId": None if row["team_id"] is None else str(row["team_id"]),
        "visibility": row["visibility"],
        "isActive": row["is_active"],
        "isFeatured": row["is_featured"],
        "createdAt": clock.iso(row["created_at"]),
        "updatedAt": clock.iso(row["updated_at"]),
    }
    return names


def like(text: str) -> str:
    """A pattern that finds `text` anywhere, and nothing else."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
