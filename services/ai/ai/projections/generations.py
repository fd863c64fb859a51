"""Reading generations: the job, joined with its result where there is one."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from runtime.database import Connection

_SELECT = """
SELECT j.id, j.project_id, j.user_id, j.kind, j.provider, j.model, j.prompt, j.context,
    j.negative_prompt, j.style, coalesce(i.width, j.width) AS width,
    coalesce(i.height, j.height) AS height, coalesce(i.seed, j.seed) AS seed, j.apply_to,
    j.status, j.error_code, j.error_message, j.apply_error, j.created_at,
    t.generated_text, coalesce(t.alternatives, i.alternatives) AS alternatives, t.tokens_used,
    coalesce(t.cost, i.cost) AS cost, coalesce(t.response_time, i.generation_time) AS millis,
    i.image_url AS object_key, i.media_id,
    coalesce(t.is_used, i.is_used, false) AS is_used,
    coalesce(t.applied_to_element, i.applied_to_element) AS applied_to_element,
    coalesce(t.user_rating, i.user_rating) AS user_rating
FROM generation_jobs j
    LEFT JOIN ai_text_generations t ON t.id = j.id
    LEFT JOIN ai_image_generations i ON i.id = j.id
"""
ONE = _SELECT + " WHERE j.id = $1"
PAGE = (
    _SELECT
    + """
WHERE ($1::uuid IS NULL OR j.project_id = $1)
    AND ($1::uuid IS NOT NULL OR j.user_id = (SELECT access.current_actor()))
    AND ($2::text IS NULL OR j.kind = $2)
    AND ($3::text IS NULL OR j.provider = $3)
    AND ($4::timestamptz IS NULL OR (j.created_at, j.id) < ($4, $5::uuid))
ORDER BY j.created_at DESC, j.id DESC LIMIT $6
"""
)


@dataclass(frozen=True)
class GenerationRow:
    """`cost` in US dollars, None when unknown; `millis` from request to result."""

    id: UUID
    project_id: UUID
    user_id: str
    kind: str
    provider: str
    model: str
    prompt: str
    context: dict[str, Any] | None
    negative_prompt: str | None
    style: str | None
    width: int | None
    height: int | None
    seed: int | None
    apply_to: UUID | None
    status: str
    error_code: str | None
    error_message: str | None
    apply_error: str | None
    created_at: datetime
    generated_text: str | None
    alternatives: list[str] | None
    tokens_used: int | None
    cost: Decimal | None
    millis: int | None
    object_key: str | None
    media_id: UUID | None
    is_used: bool
    applied_to_element: str | None
    user_rating: int | None


async def one(connection: Connection, generation_id: UUID) -> GenerationRow | None:
    row = await connection.fetchrow(ONE, generation_id)
    return GenerationRow(**dict(row)) if row else None


async def page(
    connection: Connection,
    *,
    project_id: UUID | None,
    kind: str | None,
    provider: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[GenerationRow]:
    """Of one project, or of the caller."""
    time, last_id = after or (None, None)
    rows = await connection.fetch(PAGE, project_id, kind, provider, time, last_id, limit)
    return [GenerationRow(**dict(row)) for row in rows]
