"""Every path that a service owns, passed on and passed back, both streamed."""

from collections.abc import AsyncIterator

import aiohttp
from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from gateway.adapters import headers as passing
from gateway.adapters.routing import AUTH_PREFIX, IDENTITY
from gateway.adapters.upstream import away
from gateway.adapters.written import read_wrote
from gateway.api.front import AtFront, Front
from runtime.problems import NotFound, Problem, TooLarge

router = APIRouter(include_in_schema=False)

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_AT_ONCE_BYTES = 256 * 1024


@router.api_route("/{path:path}", methods=_METHODS)
async def proxy(request: Request, front: AtFront) -> Response:
    path = _raw_path(request)
    auth = path == AUTH_PREFIX or path.startswith(AUTH_PREFIX + "/")
    service = IDENTITY if auth else front.routes.owner(request.method, path)
    if service is None or service not in front.upstream.addresses:
        raise NotFound
    headers = passing.inwards(request.headers, auth=auth)
    session = None
    if auth:
        headers.update(_vouched(front, request))
    else:
        session = await front.session(request)
        headers.update(await front.headers_for(session, service))
    body = _Body(request, front.settings.max_body_bytes)
    try:
        answer = await front.upstream.send(
            service,
            request.method,
            path,
            headers=headers,
            query=request.scope["query_string"].decode("latin-1"),
            body=body.stream() if body.expected else None,
        )
    except Problem:
        # The connection to the service breaks as well when it is the body that is refused.
        if body.refused:
            raise body.refused from None
        raise
    if auth and request.method == "POST":
        _forget(front, request)
    actor = answer.headers.get(passing.ACTOR) if auth else session and session.user_id
    if actor and (wrote := read_wrote(answer.headers.get(passing.WROTE))):
        await front.written.note(actor, wrote)
    return await _passed_back(service, answer, auth=auth, head=request.method == "HEAD")


def _raw_path(request: Request) -> str:
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return raw.split(b"?", 1)[0].decode("latin-1")


def _vouched(front: Front, request: Request) -> dict[str, str]:
    socket = request.client.host if request.client else None
    address = front.addresses.client(socket, request.headers.get("x-forwarded-for"))
    return passing.internal(front.settings.internal_secret.get_secret_value(), address)


def _forget(front: Front, request: Request) -> None:
    """What this cookie opens may just have changed; identity's events tell the other gateways."""
    if cookie := front.cookie(request):
        front.sessions.forget_cookie(cookie)


class _Body:
    """A request's body on its way, counted."""

    def __init__(self, request: Request, most: int) -> None:
        self._request = request
        self._most = most
        self.refused: Problem | None = None
        length = request.headers.get("content-length")
        self.expected = length not in (None, "0") or "transfer-encoding" in request.headers
        if length is not None and length.isdigit() and int(length) > most:
            raise self._too_large()

    async def stream(self) -> AsyncIterator[bytes]:
        passed = 0
        try:
            async for chunk in self._request.stream():
                passed += len(chunk)
                if passed > self._most:
                    self.refused = self._too_large()
                    raise self.refused
                if chunk:
                    yield chunk
        except ClientDisconnect:
            self.refused = Problem("the client went away", status=400)
            raise

    def _too_large(self) -> Problem:
        return TooLarge(f"a body has at most {self._most} bytes")


async def _passed_back(
    service: str, answer: aiohttp.ClientResponse, *, auth: bool, head: bool
) -> Response:
    length = answer.headers.get("content-length")
    sent = passing.outwards(answer.headers.items(), auth=auth, length=length)
    if head or answer.status in (204, 304):
        answer.release()
        return _raw(Response(status_code=answer.status), sent)
    if length is not None and int(length) <= _AT_ONCE_BYTES:
        return _raw(Response(await _whole(service, answer), answer.status), sent)
    return _raw(StreamingResponse(_chunks(answer), answer.status), sent)


def _raw(response: Response, headers: list[tuple[bytes, bytes]]) -> Response:
    response.raw_headers = headers
    return response


async def _whole(service: str, answer: aiohttp.ClientResponse) -> bytes:
    try:
        return await answer.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise away(service) from error
    finally:
        answer.release()


async def _chunks(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    # A service that breaks off in the middle breaks this connection as well: no silent half.
    try:
        async for chunk in answer.content.iter_any():
            yield chunk
    finally:
        answer.close()
