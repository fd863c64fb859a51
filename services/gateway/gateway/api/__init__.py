"""Everything that clients of Multicanvas talk to."""

from fastapi import FastAPI

from gateway.api import live, proxy, site
from gateway.api.front import Front
from gateway.api.guard import Guard
from objects.files import files_router
from objects.local import LocalStore


def install(app: FastAPI, front: Front, files: LocalStore | None) -> None:
    """Put every route into `app`; the proxy comes last, for it takes every path."""
    app.state.front = front
    app.router.redirect_slashes = False
    # The gateway shows one document of all services instead of the framework's own pages.
    own = {"/openapi.json", "/docs", "/docs/oauth2-redirect"}
    app.router.routes[:] = [
        route for route in app.router.routes if getattr(route, "path", None) not in own
    ]
    app.include_router(site.router)
    app.include_router(live.router)
    if files:
        app.include_router(files_router(files))
    app.include_router(proxy.router)
    app.add_middleware(Guard, settings=front.settings)
