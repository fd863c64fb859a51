"""The HTTP face of projects: catalogue, projects, canvases, elements, exports."""

from fastapi import FastAPI

from projects.api import canvases, catalogue, elements, exports, history, projects
from projects.handlers.desk import Desk
from runtime.cursors import Cursors


def install(app: FastAPI, desk: Desk, cursors: Cursors) -> None:
    """Let `app` answer every route of this service."""
    app.state.desk = desk
    app.state.cursors = cursors
    for routes in (catalogue, projects, canvases, elements, history, exports):
        app.include_router(routes.router)
