"""Better Auth's paths, the caller's own page, and what only the gateway may ask."""

from fastapi import FastAPI

from identity.api import auth, internal, me
from identity.api.door import Door
from identity.handlers import Desk


def install(app: FastAPI, desk: Desk, door: Door, tokens: internal.Tokens) -> None:
    """Put every route of identity into `app`."""
    app.state.desk = desk
    app.state.door = door
    app.state.tokens = tokens
    # A trailing slash is another path: Better Auth answers 404, never a redirect.
    app.router.redirect_slashes = False
    app.include_router(me.router)
    app.include_router(internal.router)
    app.include_router(auth.router)
