"""FastAPI dependencies that name the actor of a request."""

import hmac
from typing import Annotated, cast

from fastapi import Depends, FastAPI, Request

from auth.tokens import Actor, TokenRefused, TokenVerifier
from runtime.problems import Forbidden, NotFound, Unauthorized
from runtime.settings import ServiceSettings

INTERNAL_HEADER = "Multicanvas-Internal"

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="multicanvas"'}


def install(app: FastAPI, settings: ServiceSettings) -> None:
    """Let the dependencies of this module work in `app`: tokens for `settings.SERVICE`."""
    app.state.token_verifier = TokenVerifier(settings.token_public_keys, settings.SERVICE)
    app.state.internal_secret = settings.internal_secret.get_secret_value()


def optional_actor(request: Request) -> Actor | None:
    """The actor, None without a token. A token that is not good is a 401 all the same."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if not scheme:
        return None
    if scheme.lower() != "bearer":
        raise Unauthorized("a bearer token is needed", headers=_CHALLENGE)
    verifier = cast(TokenVerifier, request.app.state.token_verifier)
    try:
        actor = verifier.verify(token.strip())
    except TokenRefused:
        raise Unauthorized("the token is not valid", headers=_CHALLENGE) from None
    request.state.actor = actor  # who commands, for what runs the command
    return actor


def actor_of(request: Request) -> Actor:
    """The actor; 401 without one."""
    actor = optional_actor(request)
    if actor is None:
        raise Unauthorized("sign in first", headers=_CHALLENGE)
    return actor


def operator_of(request: Request) -> Actor:
    """The actor, who runs this installation; 403 for anybody else."""
    actor = actor_of(request)
    if not actor.operator:
        raise Forbidden("operators only")
    return actor


def internal_only(request: Request) -> None:
    """Only our own processes, which know the internal secret; for others the path is not there."""
    expected = cast(str, request.app.state.internal_secret)
    given = request.headers.get(INTERNAL_HEADER, "")
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise NotFound()


CurrentActor = Annotated[Actor, Depends(actor_of)]
MaybeActor = Annotated[Actor | None, Depends(optional_actor)]
Operator = Annotated[Actor, Depends(operator_of)]
