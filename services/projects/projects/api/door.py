"""What every route does around its command: context, If-Match, the answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, cast
from uuid import UUID

from fastapi import Request, Response

from eventlog import Answer, IdempotencyKey, StaleVersion
from eventlog.awaiting import require_caught_up
from eventlog.http import command_request, expected_version, respond
from projects.commands import EditCommand
from projects.domain.json_values import JsonObject
from projects.handlers.desk import Desk
from projects.handlers.edits import Shape, edit_project
from projects.projections.history import as_shown
from runtime.context import ANONYMOUS, Context
from runtime.cursors import Cursors

_MISSED = 100


@dataclass(frozen=True)
class Call:
    """A command's HTTP side."""

    context: Context
    idempotency: IdempotencyKey | None
    expected: int | None


def desk_of(request: Request) -> Desk:
    return cast(Desk, request.app.state.desk)


def cursors_of(request: Request) -> Cursors:
    return cast(Cursors, request.app.state.cursors)


def reader(user_id: str | None) -> Context:
    """A context for looking only; anybody may look at the catalogue."""
    return Context.for_actor(user_id or ANONYMOUS)


async def call_of(request: Request, user_id: str) -> Call:
    """Raises Refusal (400) for malformed headers."""
    context, key = await command_request(request, user_id)
    return Call(context, key, expected_version(request))


async def commanded(
    request: Request, user_id: str, project_id: UUID, run: Callable[[Call], Awaitable[Answer]]
) -> Response:
    """Run a command on a project; a stale If-Match is told what was missed."""
    await require_caught_up(request, str(project_id))
    call = await call_of(request, user_id)
    try:
        return respond(await run(call))
    except StaleVersion as stale:
        missed = await missed_since(request, call, project_id)
        raise StaleVersion(int(stale.extra["version"]), missed) from stale


async def edited(
    request: Request,
    user_id: str,
    project_id: UUID,
    *steps: EditCommand,
    status: Literal[200, 201] = 200,
    shape: Shape | None = None,
) -> Response:
    """Take these steps on a project as one command."""

    async def run(call: Call) -> Answer:
        more: dict[str, Any] = {} if shape is None else {"shape": shape}
        return await edit_project(
            desk_of(request),
            call.context,
            project_id,
            steps,
            expected=call.expected,
            idempotency=call.idempotency,
            status=status,
            **more,
        )

    return await commanded(request, user_id, project_id, run)


async def missed_since(request: Request, call: Call, project_id: UUID) -> list[JsonObject]:
    """What happened after the version of If-Match: with actor, and the values before."""
    after = call.expected or 0
    recorded = await desk_of(request).log.history(call.context, project_id, after, _MISSED)
    return [as_shown(one) for one in recorded]
