"""Reading one's own writes: wait until this service has seen what the caller wrote elsewhere."""

import asyncio
import re
import time
from collections.abc import Collection
from dataclasses import dataclass

from fastapi import FastAPI, Request, Response

from runtime.database import Pool
from runtime.problems import Unavailable

AFTER = "Multicanvas-After"
BEHIND = "Multicanvas-Behind"

WAIT_SECONDS = 2.0
_LOOK_SECONDS = 0.02
_PAIR = re.compile(r"([a-z0-9_]+)/([^=,\s]{1,200})=(\d{1,10})")


@dataclass(frozen=True)
class Written:
    """Someone saw this version of an aggregate of another service."""

    service: str
    subject: str
    version: int


def parse_after(after: str | None) -> list[Written]:
    """The pairs of `Multicanvas-After` (`projects/<id>=<version>, …`); what is none is skipped."""
    return [
        Written(service, subject, int(version))
        for service, subject, version in _PAIR.findall(after or "")
    ]


async def wait_for(
    pool: Pool,
    after: str | None,
    own_service: str,
    consumed_services: Collection[str],
    subjects: Collection[str] | None = None,
    timeout: float = WAIT_SECONDS,  # noqa: ASYNC109  # an answer, not a cancellation
) -> bool:
    """True once every projection here has passed the versions that `after` names.

    Heeded are pairs of the services whose topics this one consumes (never its own: its read models
    change with the command), and only these `subjects`; None all. False after `timeout` seconds.
    """
    wanted = [
        one
        for one in parse_after(after)
        if one.service in consumed_services
        and one.service != own_service
        and (subjects is None or one.subject in subjects)
    ]
    deadline = time.monotonic() + timeout
    while wanted and await _is_behind(pool, wanted):
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(_LOOK_SECONDS)
    return True


async def _is_behind(pool: Pool, wanted: list[Written]) -> bool:
    return bool(
        await pool.fetchval(
            _BEHIND,
            [one.service for one in wanted],
            [one.subject for one in wanted],
            [one.version for one in wanted],
        )
    )


@dataclass(frozen=True)
class Awaiting:
    """What a service needs to wait: its pool for requests, and whose topics it consumes."""

    pool: Pool
    own_service: str
    consumed_services: frozenset[str]
    seconds: float = WAIT_SECONDS


def install(app: FastAPI, awaiting: Awaiting) -> None:
    """Let the routes of `app` ask `is_behind` and `require_caught_up`."""
    app.state.awaiting = awaiting


async def is_behind(
    request: Request, response: Response, subjects: Collection[str] | None = None
) -> bool:
    """For lists and routes with `asOf`: waits, and marks the answer when that was not enough."""
    behind = not await _wait(request, subjects)
    if behind:
        response.headers[BEHIND] = "true"
    return behind


async def require_caught_up(request: Request, *subjects: str) -> None:
    """For named resources: waits, and raises Unavailable (503) rather than let a 404 be wrong."""
    if not await _wait(request, subjects):
        raise Unavailable("This change is still on its way here.", retry_after_seconds=1)


async def _wait(request: Request, subjects: Collection[str] | None) -> bool:
    awaiting: Awaiting = request.app.state.awaiting
    return await wait_for(
        awaiting.pool,
        request.headers.get(AFTER),
        awaiting.own_service,
        awaiting.consumed_services,
        subjects,
        awaiting.seconds,
    )


_BEHIND = """
SELECT EXISTS (
  SELECT FROM unnest($1::text[], $2::text[], $3::bigint[]) AS wanted (service, subject, version)
    JOIN eventlog.consumer_projection p ON split_part(p.topic, '.', 1) = wanted.service
    LEFT JOIN eventlog.consumer_gate g ON g.projection = p.name AND g.subject = wanted.subject
   WHERE coalesce(g.last_sequence, 0) < wanted.version)"""
