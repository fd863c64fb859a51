"""`/v1/formats`, `/v1/template-categories`, `/v1/templates`: for everybody, signed in or not."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from auth.http import MaybeActor
from projects.adapters import catalogue as rows
from projects.adapters import templates
from projects.adapters.templates import Sort, TemplateFilter
from projects.api.door import cursors_of, desk_of, reader
from projects.domain.json_values import JsonObject
from runtime.problems import NotFound

router = APIRouter(tags=["catalogue"])

Limit = Annotated[int, Query(ge=1, le=100)]


@router.get("/v1/formats")
async def list_formats(
    request: Request,
    actor: MaybeActor,
    platform: str | None = None,
    aspect_ratio: Annotated[str | None, Query(alias="aspectRatio")] = None,
) -> JsonObject:
    """The catalogue: sizes in pixels, durations in seconds, file sizes in bytes."""
    async with desk_of(request).acting(reader(actor and actor.user_id)) as connection:
        found = await rows.formats(connection, platform, aspect_ratio)
    return {"items": found, "nextCursor": None}


@router.get("/v1/formats/{name}")
async def get_format(name: str, request: Request, actor: MaybeActor) -> JsonObject:
    """By slug or id."""
    async with desk_of(request).acting(reader(actor and actor.user_id)) as connection:
        found = await rows.every_format(connection)
    for one in found:
        if name in (one["slug"], one["id"]):
            return one
    raise NotFound(f"There is no format {name}.")


@router.get("/v1/template-categories")
async def list_categories(request: Request, actor: MaybeActor) -> JsonObject:
    async with desk_of(request).acting(reader(actor and actor.user_id)) as connection:
        found = await rows.categories(connection)
    return {"items": found, "nextCursor": None}


@router.get("/v1/template-categories/{category_id}")
async def get_category(category_id: UUID, request: Request, actor: MaybeActor) -> JsonObject:
    async with desk_of(request).acting(reader(actor and actor.user_id)) as connection:
        found = await rows.category(connection, category_id)
    if found is None:
        raise NotFound("There is no such category.")
    return found


@router.get("/v1/templates")
async def list_templates(
    request: Request,
    actor: MaybeActor,
    wanted_format: Annotated[str | None, Query(alias="format")] = None,
    category: str | None = None,
    tag: str | None = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    visibility: str | None = None,
    featured: bool | None = None,
    sort: Sort | None = None,
    limit: Limit = 24,
    cursor: str | None = None,
) -> JsonObject:
    """Templates the caller may use; format and category by slug or id."""
    wanted = TemplateFilter(wanted_format, category, tag, q, visibility, featured, sort)
    cursors, purpose = cursors_of(request), f"templates|{wanted}"
    offset = int(cursors.read(cursor, purpose=purpose)[0]) if cursor else 0
    async with desk_of(request).acting(reader(actor and actor.user_id)) as connection:
        found = await templates.find(connection, wanted, limit + 1, offset)
    more = len(found) > limit
    following = cursors.sign([offset + limit], purpose=purpose) if more else None
    return {"items": found[:limit], "nextCursor": following}


@router.get("/v1/templates/{name}")
async def get_template(name: str, request: Request, actor: MaybeActor) -> JsonObject:
    """By id, or by slug for those that come with the product."""
    async with desk_of(request).acting(reader(actor and actor.user_id)) as connection:
        found = await templates.one(connection, name)
    if found is None:
        raise NotFound("There is no such template, or you may not see it.")
    return found
