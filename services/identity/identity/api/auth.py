"""Better Auth's wire contract under `/api/auth`: what its official client calls works unchanged."""

import re

from fastapi import APIRouter, Request, Response
from pydantic import SecretStr

from identity import handlers
from identity.adapters import rows
from identity.adapters.passwords import LONGEST, SHORTEST
from identity.api import wire
from identity.api.current import AtDesk, AtDoor, Here, HereFreshly, is_stale
from identity.api.door import PREFIX, AuthRoute, Door
from identity.commands import (
    ChangePassword,
    DeleteUser,
    EditUser,
    EndSessions,
    SignIn,
    SignUp,
)
from identity.domain.refusals import refusal
from identity.handlers import Desk, SignedIn
from runtime import clock
from runtime.context import Context

router = APIRouter(prefix=PREFIX, tags=["auth"], route_class=AuthRoute)

ACTOR_HEADER = "Multicanvas-Actor"
WROTE_HEADER = "Multicanvas-Wrote"

_EMAIL = re.compile(
    r"[A-Za-z0-9_'+-]+(\.[A-Za-z0-9_'+-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}"
)
_LONGEST_EMAIL = 254


@router.post("/sign-up/email")
async def sign_up_email(
    body: wire.SignUpBody, request: Request, response: Response, desk: AtDesk, door: AtDoor
) -> wire.TokenAndUser:
    email = _email(body.email)
    _check_new_password(body.password)
    done = await handlers.sign_up(
        desk,
        SignUp(
            name=body.name,
            email=email,
            password=SecretStr(body.password),
            image=body.image,
            remember=body.rememberMe,
            visitor=door.visitor(request),
        ),
    )
    _let_in(door, response, done)
    return wire.TokenAndUser(token=done.session.token, user=wire.UserAnswer.of(done.user))


@router.post("/sign-in/email", response_model_exclude_unset=True)
async def sign_in_email(
    body: wire.SignInBody, request: Request, response: Response, desk: AtDesk, door: AtDoor
) -> wire.SignedInAnswer:
    email = _email(body.email)
    _check_length(body.password)
    door.count_account(request, email)
    done = await handlers.sign_in(
        desk,
        SignIn(
            email=email,
            password=SecretStr(body.password),
            remember=body.rememberMe,
            visitor=door.visitor(request),
        ),
    )
    _let_in(door, response, done)
    user = wire.UserAnswer.of(done.user)
    if body.callbackURL:
        return wire.SignedInAnswer(
            redirect=True, token=done.session.token, url=body.callbackURL, user=user
        )
    return wire.SignedInAnswer(redirect=False, token=done.session.token, user=user)


@router.post("/sign-out")
async def sign_out(
    request: Request, response: Response, desk: AtDesk, door: AtDoor
) -> wire.Success:
    token = door.cookies.token(request)
    found = await handlers.session_of(desk, token) if token else None
    if found:
        await _end(desk, found[0].user_id, "signed_out", (found[0].id,))
    door.cookies.expire(response)
    return wire.Success()


@router.get("/get-session")
async def get_session(
    request: Request, response: Response, desk: AtDesk, door: AtDoor
) -> wire.SessionAndUser | None:
    response.headers["pragma"] = "no-cache"
    token = door.cookies.token(request)
    if token is None:
        return None
    found = await handlers.session_of(desk, token)
    if found is None:
        door.cookies.expire(response)
        return None
    session, user = found
    keep = request.query_params.get("disableRefresh") == "true" or door.cookies.forgets(request)
    if not keep and (moved := await handlers.refresh(desk, session)):
        door.cookies.give(response, token, remember=True)
        session = moved
    return wire.SessionAndUser(
        session=wire.SessionAnswer.of(session), user=wire.UserAnswer.of(user)
    )


@router.get("/list-sessions")
async def list_sessions(desk: AtDesk, here: HereFreshly) -> list[wire.SessionAnswer]:
    async with desk.reading(here.user.id) as connection:
        found = await rows.live_sessions(connection, here.user.id, clock.now())
    return [wire.SessionAnswer.of(row) for row in found]


@router.post("/revoke-session")
async def revoke_session(body: wire.RevokeBody, desk: AtDesk, here: Here) -> wire.Status:
    async with desk.reading(here.user.id) as connection:
        found = await rows.live_sessions(connection, here.user.id, clock.now())
    chosen = tuple(row.id for row in found if row.token == body.token)
    if chosen:
        await _end(desk, here.user.id, "revoked", chosen)
    return wire.Status()


@router.post("/revoke-other-sessions")
async def revoke_other_sessions(desk: AtDesk, here: Here) -> wire.Status:
    await handlers.end_sessions(
        desk, EndSessions(user_id=here.user.id, reason="revoked", keep=here.session.id)
    )
    return wire.Status()


@router.post("/revoke-sessions")
async def revoke_sessions(
    response: Response, desk: AtDesk, door: AtDoor, here: Here
) -> wire.Status:
    await handlers.end_sessions(desk, EndSessions(user_id=here.user.id, reason="revoked"))
    door.cookies.expire(response)
    return wire.Status()


@router.post("/update-user")
async def update_user(
    body: wire.UpdateUserBody,
    request: Request,
    response: Response,
    desk: AtDesk,
    door: AtDoor,
    here: Here,
) -> wire.Status:
    if body.email:
        raise refusal("email_can_not_be_updated")
    members = body.model_fields_set & {"name", "image"}
    if not members:
        raise refusal("no_fields_to_update")
    command = EditUser(
        user_id=here.user.id, members=frozenset(members), name=body.name, image=body.image
    )
    answer = await handlers.edit_user(desk, command, Context.for_actor(here.user.id))
    _tell(response, here.user.id, dict(answer.wrote).get(f"identity/{here.user.id}", 0))
    door.cookies.give(response, here.token, remember=not door.cookies.forgets(request))
    return wire.Status()


@router.post("/change-password")
async def change_password(
    body: wire.ChangePasswordBody,
    request: Request,
    response: Response,
    desk: AtDesk,
    door: AtDoor,
    here: Here,
) -> wire.TokenAndUser:
    _check_new_password(body.newPassword)
    _check_length(body.currentPassword)
    door.count_account(request, here.user.email)
    done = await handlers.change_password(
        desk,
        ChangePassword(
            user_id=here.user.id,
            current=SecretStr(body.currentPassword),
            new=SecretStr(body.newPassword),
            end_sessions=body.revokeOtherSessions,
            visitor=door.visitor(request),
        ),
    )
    if done:
        _let_in(door, response, done)
    token = done.session.token if done else None
    return wire.TokenAndUser(token=token, user=wire.UserAnswer.of(here.user))


@router.post("/delete-user")
async def delete_user(
    request: Request,
    response: Response,
    desk: AtDesk,
    door: AtDoor,
    here: Here,
    body: wire.DeleteUserBody | None = None,
) -> wire.Deleted:
    body = body or wire.DeleteUserBody()
    if body.token:
        # Links by mail are not sent yet, so no such token exists.
        raise refusal("invalid_token")
    if body.password:
        _check_length(body.password)
        door.count_account(request, here.user.email)
    elif is_stale(here.session):
        raise refusal("session_expired")
    password = SecretStr(body.password) if body.password else None
    command = DeleteUser(user_id=here.user.id, password=password)
    await handlers.delete_user(desk, command, Context.for_actor(here.user.id))
    door.cookies.expire(response)
    return wire.Deleted()


@router.get("/list-accounts")
async def list_accounts(desk: AtDesk, here: Here) -> list[wire.AccountAnswer]:
    async with desk.reading(here.user.id) as connection:
        found = await rows.accounts_of(connection, here.user.id)
    return [wire.AccountAnswer.of(row) for row in found]


@router.api_route(
    "/{rest:path}",
    methods=["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"],
    include_in_schema=False,
)
async def unknown(rest: str) -> Response:
    """Better Auth says nothing about paths, verbs and spellings that it does not know."""
    return Response(status_code=404)


def _email(text: str) -> str:
    if len(text) > _LONGEST_EMAIL or not _EMAIL.fullmatch(text):
        raise refusal("invalid_email")
    return text.lower()


def _check_new_password(password: str) -> None:
    if len(password) < SHORTEST:
        raise refusal("password_too_short")
    _check_length(password)


def _check_length(password: str) -> None:
    if len(password) > LONGEST:
        raise refusal("password_too_long")


async def _end(desk: Desk, user_id: str, reason: str, session_ids: tuple[str, ...]) -> None:
    await handlers.end_sessions(
        desk,
        EndSessions.model_validate(
            {"user_id": user_id, "reason": reason, "session_ids": session_ids}
        ),
    )


def _let_in(door: Door, response: Response, done: SignedIn) -> None:
    door.cookies.give(response, done.token, remember=done.remember)
    _tell(response, done.user.id, done.user_version)


def _tell(response: Response, user_id: str, version: int) -> None:
    """For the gateway: whose writes these were, so that this person reads them from here on."""
    response.headers[ACTOR_HEADER] = user_id
    response.headers[WROTE_HEADER] = f"identity/{user_id}={version}"
