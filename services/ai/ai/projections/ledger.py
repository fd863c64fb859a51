"""Rows of generations, written with the event that makes them true."""

from decimal import Decimal
from uuid import UUID

from ai.domain.generation import Generation
from eventlog.domain import DomainEvent
from runtime.database import Connection

ADD_JOB = """
INSERT INTO generation_jobs (id, project_id, user_id, kind, provider, model, prompt, context,
    negative_prompt, style, width, height, seed, apply_to, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)
ON CONFLICT (id) DO NOTHING
"""
END_JOB = """
UPDATE generation_jobs SET status = $2, error_code = $3, error_message = $4, lease_until = NULL,
    updated_at = $5
WHERE id = $1
"""
ADD_TEXT = """
INSERT INTO ai_text_generations (id, project_id, user_id, prompt, context, provider, model,
    generated_text, alternatives, tokens_used, cost, response_time, created_at)
SELECT id, project_id, user_id, prompt, context, provider, model, $2, $3, $4, $5, $6, $7
FROM generation_jobs WHERE id = $1
ON CONFLICT (id) DO NOTHING
"""
ADD_IMAGE = """
INSERT INTO ai_image_generations (id, project_id, user_id, prompt, negative_prompt, style,
    provider, width, height, seed, image_url, alternatives, generation_time, cost, created_at,
    media_id)
SELECT id, project_id, user_id, prompt, negative_prompt, style, provider, $2, $3, $4, $5, $6,
    $7, $8, $9, $10
FROM generation_jobs WHERE id = $1
ON CONFLICT (id) DO NOTHING
"""
TABLES = {"text": "ai_text_generations", "image": "ai_image_generations"}


class Ledger:
    """Written in the command's own transaction."""

    async def apply(self, connection: Connection, event: DomainEvent) -> None:
        match event:
            case Generation.Created():
                await _add_job(connection, event)
            case Generation.TextGenerated():
                await _add_text(connection, event)
            case Generation.ImageGenerated():
                await _add_image(connection, event)
            case Generation.Failed():
                status = "refused" if event.refused else "failed"
                await connection.execute(
                    END_JOB, event.originator_id, status, event.code, event.message, event.timestamp
                )
            case Generation.Rated():
                for table in TABLES.values():
                    await connection.execute(
                        f"UPDATE {table} SET user_rating = $2, user_feedback = $3 WHERE id = $1",  # noqa: S608 - our own table names
                        event.originator_id,
                        event.stars,
                        event.feedback,
                    )
            case Generation.Deleted():
                await doom(connection, [event.originator_id])  # before its row goes: see the policy
                await remove(connection, event.originator_id)
            case _:
                pass


async def _add_job(connection: Connection, fact: Generation.Created) -> None:
    await connection.execute(
        ADD_JOB,
        fact.originator_id,
        fact.project_id,
        fact.user_id,
        fact.kind,
        fact.provider,
        fact.model,
        fact.prompt or "",
        fact.context,
        fact.negative_prompt,
        fact.style,
        fact.width,
        fact.height,
        int(fact.seed) if fact.seed is not None else None,
        fact.apply_to,
        fact.timestamp,
    )


async def _add_text(connection: Connection, fact: Generation.TextGenerated) -> None:
    await connection.execute(
        ADD_TEXT,
        fact.originator_id,
        fact.generated_text or "",
        fact.alternatives or [],
        fact.tokens_used,
        rounded(fact.cost),
        fact.response_time,
        fact.timestamp,
    )
    await _completed(connection, fact)


async def _add_image(connection: Connection, fact: Generation.ImageGenerated) -> None:
    await connection.execute(
        ADD_IMAGE,
        fact.originator_id,
        fact.width,
        fact.height,
        int(fact.seed) if fact.seed is not None else None,
        fact.object_key or "",
        fact.alternative_keys or [],
        fact.generation_time,
        rounded(fact.cost),
        fact.timestamp,
        fact.media_id,
    )
    await _completed(connection, fact)


async def _completed(
    connection: Connection, fact: Generation.TextGenerated | Generation.ImageGenerated
) -> None:
    await connection.execute(END_JOB, fact.originator_id, "completed", None, None, fact.timestamp)


def rounded(cost: Decimal | None) -> Decimal | None:
    """US dollars to the six decimals of the ledger."""
    return None if cost is None else cost.quantize(Decimal("0.000001"))


async def mark_applied(connection: Connection, generation_id: UUID, element_id: UUID) -> None:
    for table in TABLES.values():
        await connection.execute(
            f"UPDATE {table} SET is_used = true, applied_to_element = $2 WHERE id = $1",  # noqa: S608 - our own table names
            generation_id,
            str(element_id),
        )


async def mark_not_applied(connection: Connection, generation_id: UUID, reason: str) -> None:
    await connection.execute(
        "UPDATE generation_jobs SET apply_error = $2 WHERE id = $1", generation_id, reason
    )


async def remove(connection: Connection, generation_id: UUID) -> None:
    for table in (*TABLES.values(), "generation_jobs"):
        await connection.execute(f"DELETE FROM {table} WHERE id = $1", generation_id)  # noqa: S608 - our own table names


async def remove_of(connection: Connection, column: str, value: UUID | str) -> list[UUID]:
    """All generations of a project (`project_id`) or person (`user_id`); returns their ids."""
    found: list[UUID] = []
    for table in (*TABLES.values(), "generation_jobs"):
        rows = await connection.fetch(
            f"DELETE FROM {table} WHERE {column} = $1 RETURNING id",  # noqa: S608 - our own names
            value,
        )
        found += [row["id"] for row in rows]
    return found


async def doom(connection: Connection, generation_ids: list[UUID]) -> None:
    """Every object below these prefixes goes with the next sweep."""
    await connection.executemany(
        "INSERT INTO doomed_objects (object_key) VALUES ($1) ON CONFLICT DO NOTHING",
        [(f"generated/{generation_id}",) for generation_id in generation_ids],
    )
