"""The gateway's own pages: the one API document, its reader, and what problem types mean."""

import asyncio
import re
import time
from pathlib import Path
from typing import Any, cast

from fastapi import APIRouter, Request, Response

from gateway.adapters.openapi import Document, merge
from gateway.adapters.upstream import away
from gateway.api.front import AtFront, Front
from runtime.problems import PROBLEM_TYPES, NotFound

router = APIRouter(include_in_schema=False)

_REMEMBERED_SECONDS = 30.0
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,63}")
_BY_RULE = "A rule of the service refused it; `detail` and `errors` of the answer say which."
_DOCS = Path(__file__).parent / "docs.html"
_DOCS_POLICY = (
    "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
)


@router.get("/openapi.json")
async def openapi(request: Request, front: AtFront) -> dict[str, Any]:
    known = getattr(request.app.state, "openapi", None)
    if known is None or known[0] < time.monotonic():
        document = await _collected(request, front)
        known = request.app.state.openapi = (time.monotonic() + _REMEMBERED_SECONDS, document)
    return cast("tuple[float, Document]", known)[1]


@router.get("/docs")
async def docs() -> Response:
    return Response(
        await asyncio.to_thread(_DOCS.read_bytes),
        media_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": _DOCS_POLICY},
    )


@router.get("/problems/{slug}")
async def problem_type(slug: str) -> dict[str, str]:
    if not _SLUG.fullmatch(slug):
        raise NotFound("no problem type of that name")
    # A rule of a service is named by the service alone; its `detail` explains it each time.
    title, explanation = PROBLEM_TYPES.get(slug, (slug.replace("-", " ").capitalize(), _BY_RULE))
    return {"type": f"/problems/{slug}", "title": title, "explanation": explanation}


async def _collected(request: Request, front: Front) -> Document:
    services = sorted(front.upstream.addresses)
    found = await asyncio.gather(*(_document(front, service) for service in services))
    return merge(
        {"gateway": request.app.openapi(), **dict(zip(services, found, strict=True))},
        title="Multicanvas",
        version=str(request.app.version),
        server=front.settings.public_url,
    )


async def _document(front: Front, service: str) -> Document:
    status, body, _ = await front.upstream.get_json(service, "/openapi.json", headers={})
    if status != 200 or not isinstance(body, dict):
        raise away(service)
    return cast(Document, body)
