"""The queue of generations still to be made: leases, so that a dead worker loses nothing."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from runtime.database import Connection

LEASE_SECONDS = 330

# One at a time for each person first: the longest list does not starve the others.
CLAIM = """
UPDATE generation_jobs SET status = 'running', attempts = attempts + 1,
    lease_until = now() + make_interval(secs => $1), updated_at = now()
WHERE id = (
    SELECT j.id FROM generation_jobs j
    WHERE (j.status = 'pending' AND j.available_at <= now())
        OR (j.status = 'running' AND j.lease_until < now())
    ORDER BY (SELECT count(*) FROM generation_jobs r
              WHERE r.user_id = j.user_id AND r.status = 'running'), j.available_at
    LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, project_id, user_id, kind, provider, model, prompt, context, negative_prompt, style,
    width, height, seed, apply_to, attempts
"""


@dataclass(frozen=True)
class Job:
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
    attempts: int


async def claim(connection: Connection) -> Job | None:
    row = await connection.fetchrow(CLAIM, float(LEASE_SECONDS))
    return Job(**dict(row)) if row else None


async def hold(connection: Connection, job_id: UUID) -> bool:
    """Whether the job is still there; it stays until this transaction ends."""
    return bool(
        await connection.fetchval(
            "SELECT true FROM generation_jobs WHERE id = $1 FOR UPDATE", job_id
        )
    )


async def put_back(connection: Connection, job: Job, seconds: float) -> None:
    """Try again after `seconds`, unless somebody else has taken it over meanwhile."""
    await connection.execute(
        """UPDATE generation_jobs SET status = 'pending', lease_until = NULL,
               available_at = now() + make_interval(secs => $2), updated_at = now()
           WHERE id = $1 AND status = 'running' AND attempts = $3""",
        job.id,
        seconds,
        job.attempts,
    )
