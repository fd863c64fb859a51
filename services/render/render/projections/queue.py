"""The queue: workers claim jobs with a lease, fairly by user; a silent worker loses its job."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from runtime.database import Connection, Pool

# Whoever has the fewest jobs running comes first: the longest list does not starve the others.
_CLAIM = """
UPDATE render_jobs SET state = 'running', attempts = attempts + 1, lease = $1,
    lease_until = now() + make_interval(secs => $2)
WHERE id = (
    SELECT j.id FROM render_jobs j
    WHERE (j.state = 'pending' AND j.available_at <= now())
        OR (j.state = 'running' AND j.lease_until < now())
    ORDER BY (SELECT count(*) FROM render_jobs r
              WHERE r.user_id = j.user_id AND r.state = 'running' AND r.lease_until >= now()),
        j.available_at, j.id
    LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, project_id, user_id, document_key, document_hash, attempts, lease
"""


@dataclass(frozen=True)
class Job:
    """A claimed job; `lease` proves that it is still ours."""

    id: UUID
    project_id: UUID
    user_id: str
    canvas_id: UUID
    social_format_id: UUID
    document_key: str | None
    document_hash: str
    settings: dict[str, Any]
    attempts: int
    lease: UUID


async def claim(pool: Pool, lease: UUID, seconds: float) -> Job | None:
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(_CLAIM, lease, seconds)
        if row is None:
            return None
        export = await connection.fetchrow(
            "SELECT canvas_id, social_format_id, export_settings FROM project_exports"
            " WHERE id = $1",
            row["id"],
        )
    if export is None:
        return None
    return Job(
        **dict(row),
        canvas_id=UUID(export["canvas_id"]),
        social_format_id=export["social_format_id"],
        settings=export["export_settings"],
    )


async def beat(pool: Pool, job: Job, seconds: float, progress: float) -> bool:
    """Keeps the lease and tells the progress; False when the job is no longer ours."""
    kept = await pool.fetchval(
        """UPDATE render_jobs SET lease_until = now() + make_interval(secs => $3), progress = $4
           WHERE id = $1 AND lease = $2 AND state = 'running' RETURNING true""",
        job.id,
        job.lease,
        seconds,
        progress,
    )
    return bool(kept)


async def is_ours(connection: Connection, job: Job) -> bool:
    """Locks the job for the rest of the transaction; False when another worker has it."""
    found = await connection.fetchval(
        "SELECT true FROM render_jobs WHERE id = $1 AND lease = $2 AND state = 'running'"
        " FOR UPDATE",
        job.id,
        job.lease,
    )
    return bool(found)


async def millis_since_start(pool: Pool, job: Job, now: datetime) -> int:
    """Milliseconds between the row's start and `now`."""
    started = await pool.fetchval(
        "SELECT processing_started_at FROM project_exports WHERE id = $1", job.id
    )
    return 0 if started is None else max(0, round((now - started).total_seconds() * 1000))


async def put_back(pool: Pool, job: Job, pause: float, *, counted: bool) -> None:
    """Try again after `pause` seconds; not `counted` when the failure was not the job's."""
    await pool.execute(
        """UPDATE render_jobs SET state = 'pending', lease = NULL, lease_until = NULL,
               attempts = attempts - $4, available_at = now() + make_interval(secs => $3)
           WHERE id = $1 AND lease = $2 AND state = 'running'""",
        job.id,
        job.lease,
        pause,
        0 if counted else 1,
    )


async def abandon(pool: Pool, job: Job) -> None:
    """Nobody takes it up again."""
    await pool.execute(
        "UPDATE render_jobs SET state = 'over', lease = NULL WHERE id = $1 AND lease = $2",
        job.id,
        job.lease,
    )


async def pending(pool: Pool) -> int:
    """How many wait: what autoscaling looks at."""
    return int(await pool.fetchval("SELECT count(*) FROM render_jobs WHERE state = 'pending'"))
