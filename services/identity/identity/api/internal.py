"""What only the gateway asks: who is behind this cookie, and tokens to show to the services."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from auth.http import internal_only
from auth.tokens import TokenSigner
from identity import handlers
from identity.adapters.rows import SessionRow, UserRow
from identity.api.current import AtDesk, AtDoor
from identity.api.wire import SessionAnswer, UserAnswer
from runtime.http import Answer
from runtime.http import Request as Body

AUDIENCES = ("projects", "ai", "media", "render", "analytics", "identity", "gateway")

router = APIRouter(
    prefix="/internal", dependencies=[Depends(internal_only)], include_in_schema=False
)


@dataclass(frozen=True)
class Tokens:
    """Signs one short-lived token per service; knows who is an operator.

    An operator named by e-mail counts in production only once the address is verified: before that
    anybody could have signed up with it.
    """

    signer: TokenSigner
    operators: frozenset[str]
    trusts_unverified: bool

    def is_operator(self, user: UserRow) -> bool:
        by_mail = user.email in self.operators and (user.email_verified or self.trusts_unverified)
        return user.id.lower() in self.operators or by_mail

    def of(self, user: UserRow, session: SessionRow) -> dict[str, str]:
        return {
            audience: self.signer.sign(
                user.id,
                audience,
                session_id=session.id,
                email_verified=user.email_verified,
                operator=self.is_operator(user),
            )
            for audience in AUDIENCES
        }


class Resolve(Body):
    """`cookie` is the value of the session cookie as it came."""

    cookie: str


class Resolved(Answer):
    """Everything None when the cookie opens no live session."""

    session: SessionAnswer | None = None
    user: UserAnswer | None = None
    tokens: dict[str, str] | None = None


def tokens_of(request: Request) -> Tokens:
    return request.app.state.tokens


@router.post("/sessions/resolve")
async def resolve(
    body: Resolve, desk: AtDesk, door: AtDoor, tokens: Annotated[Tokens, Depends(tokens_of)]
) -> Resolved:
    token = door.cookies.read(body.cookie)
    found = await handlers.session_of(desk, token) if token else None
    if found is None:
        return Resolved()
    session, user = found
    return Resolved(
        session=SessionAnswer.of(session),
        user=UserAnswer.of(user),
        tokens=tokens.of(user, session),
    )
