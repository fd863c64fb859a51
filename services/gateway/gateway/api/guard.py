"""Who may call from which page: CORS for the listed origins, and no cookie without its Origin."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.adapters.routing import AUTH_PREFIX
from gateway.adapters.sessions import cookie_of
from gateway.settings import GatewaySettings
from runtime import problems

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
_REQUEST_HEADERS = "Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID"
_EXPOSED = (
    "ETag, Multicanvas-Wrote, Multicanvas-Behind, RateLimit, RateLimit-Policy, Retry-After,"
    " X-Retry-After, Content-Disposition, Location, traceresponse"
)
_PREFLIGHT_SECONDS = "600"
_HTTPS_FROM_NOW_ON = "max-age=31536000"


class Guard:
    """In front of every route. `/api/auth` has Origin rules of its own, in identity."""

    def __init__(self, app: ASGIApp, settings: GatewaySettings) -> None:
        self._app = app
        self._origins = settings.origins
        self._cookie = settings.session_cookie
        self._https = settings.public_url.startswith("https://")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        listed = origin is not None and self._origins.trusts(origin)
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers and listed:
            await _preflight()(scope, receive, self._marked(send, origin))
            return
        sending = self._marked(send, origin if listed else None)
        if refused := self._refusal(scope, headers, listed):
            await problems.respond(refused, scope["path"])(scope, receive, sending)
            return
        await self._app(scope, receive, sending)

    def _refusal(self, scope: Scope, headers: Headers, listed: bool) -> problems.Problem | None:
        path: str = scope["path"]
        if scope["method"] in _SAFE or path == AUTH_PREFIX or path.startswith(AUTH_PREFIX + "/"):
            return None
        if cookie_of(headers.get("cookie"), self._cookie) is None or listed:
            return None
        return problems.Forbidden(
            "a request that changes something with a session cookie needs an Origin of ours"
        )

    def _marked(self, send: Send, origin: str | None) -> Send:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                if self._https:
                    headers["Strict-Transport-Security"] = _HTTPS_FROM_NOW_ON
                # Also without an Origin: a cache must not hand one page's answer to another.
                headers.add_vary_header("Origin")
                if origin is not None:
                    headers["Access-Control-Allow-Origin"] = origin
                    headers["Access-Control-Allow-Credentials"] = "true"
                    headers["Access-Control-Expose-Headers"] = _EXPOSED
            await send(message)

        return marked


def _preflight() -> Response:
    return Response(
        status_code=204,
        headers={
            "Access-Control-Allow-Methods": _METHODS,
            "Access-Control-Allow-Headers": _REQUEST_HEADERS,
            "Access-Control-Max-Age": _PREFLIGHT_SECONDS,
        },
    )
