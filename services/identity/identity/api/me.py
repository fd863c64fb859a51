"""`/v1/me`: the caller's own page."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from auth.http import CurrentActor
from auth.tokens import Actor
from eventlog.http import command_request, respond
from identity import handlers
from identity.adapters import rows
from identity.api.current import AtDesk, is_stale
from identity.api.internal import Tokens, tokens_of
from identity.api.wire import UserAnswer
from identity.commands import DeleteUser, EditUser
from identity.handlers import Desk
from runtime import clock
from runtime.http import Answer
from runtime.http import Request as Body
from runtime.problems import Forbidden, Unauthorized

router = APIRouter(prefix="/v1/me", tags=["me"])


class Me(Answer):
    """`operator`: whether this person runs the installation."""

    user: UserAnswer
    operator: bool


class EditMe(Body):
    """Only the members that are sent change; `image: null` clears the picture."""

    name: str | None = None
    image: str | None = None


class EditedMe(Answer):
    user: UserAnswer


@router.get("")
async def get_me(
    actor: CurrentActor, desk: AtDesk, tokens: Annotated[Tokens, Depends(tokens_of)]
) -> Me:
    async with desk.reading(actor.user_id) as connection:
        user = await rows.user_by_id(connection, actor.user_id)
    if user is None:
        raise Unauthorized("this user no longer exists")
    return Me(user=UserAnswer.of(user), operator=tokens.is_operator(user))


@router.patch("", responses={200: {"model": EditedMe}})
async def edit_me(body: EditMe, request: Request, actor: CurrentActor, desk: AtDesk) -> Response:
    context, idempotency = await command_request(request, actor.user_id)
    command = EditUser(
        user_id=actor.user_id,
        members=frozenset(body.model_fields_set),
        name=body.name,
        image=body.image,
    )
    return respond(await handlers.edit_user(desk, command, context, idempotency))


@router.delete("", status_code=204)
async def delete_me(request: Request, actor: CurrentActor, desk: AtDesk) -> Response:
    """Forget the caller everywhere. The session must be younger than a day."""
    await _check_fresh(desk, actor)
    context, idempotency = await command_request(request, actor.user_id)
    command = DeleteUser(user_id=actor.user_id)
    return respond(await handlers.delete_user(desk, command, context, idempotency))


async def _check_fresh(desk: Desk, actor: Actor) -> None:
    async with desk.reading(actor.user_id) as connection:
        found = await rows.live_sessions(connection, actor.user_id, clock.now())
    session = next((row for row in found if row.id == actor.session_id), None)
    if session is None or is_stale(session):
        raise Forbidden("sign in again before you delete your account")
