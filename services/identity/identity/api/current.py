"""Who a request comes from: the session behind its cookie, and how fresh it is."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from identity import handlers
from identity.adapters.rows import SessionRow, UserRow
from identity.api.door import Door
from identity.domain.refusals import refusal
from identity.handlers import Desk
from identity.handlers.desk import FRESH
from runtime import clock


@dataclass(frozen=True)
class Current:
    """The session that a request came with."""

    session: SessionRow
    user: UserRow
    token: str


def desk_of(request: Request) -> Desk:
    return request.app.state.desk


def door_of(request: Request) -> Door:
    return request.app.state.door


AtDesk = Annotated[Desk, Depends(desk_of)]
AtDoor = Annotated[Door, Depends(door_of)]


async def current_of(request: Request, desk: AtDesk, door: AtDoor) -> Current:
    token = door.cookies.token(request)
    found = await handlers.session_of(desk, token) if token else None
    if token is None or found is None:
        raise refusal("unauthorized")
    return Current(*found, token)


async def fresh_of(current: Annotated[Current, Depends(current_of)]) -> Current:
    if is_stale(current.session):
        raise refusal("session_not_fresh")
    return current


Here = Annotated[Current, Depends(current_of)]
HereFreshly = Annotated[Current, Depends(fresh_of)]


def is_stale(session: SessionRow) -> bool:
    return clock.now() - session.created_at >= FRESH
