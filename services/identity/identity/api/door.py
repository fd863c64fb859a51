"""What every request under `/api/auth` passes first: rates, origins, a readable body.

Refusals leave as problem documents that also carry Better Auth's `message` and `code`.
"""

import hmac
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qsl

import orjson
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.datastructures import MutableHeaders
from starlette.types import Message

from auth.http import INTERNAL_HEADER
from auth.origins import TrustedOrigins
from eventlog.domain import Refusal
from identity.adapters.rates import PER_ACCOUNT, Rates, rule_of
from identity.adapters.visitors import counted_as, shortened, truncated
from identity.api.cookies import Cookies
from identity.commands import Visitor
from identity.domain.refusals import refusal
from runtime import problems

ADDRESS_HEADER = "Multicanvas-Client-Address"
PREFIX = "/api/auth"

_FORM = "application/x-www-form-urlencoded"
_FORMS_ALLOWED = frozenset({"/sign-in/email", "/sign-up/email"})
_REDIRECTS = ("callbackURL", "redirectTo", "errorCallbackURL", "newUserCallbackURL")


@dataclass(frozen=True)
class Door:
    cookies: Cookies
    origins: TrustedOrigins
    rates: Rates
    internal_secret: str

    def visitor(self, request: Request) -> Visitor:
        return Visitor(
            ip_address=truncated(self.address(request)),
            user_agent=shortened(request.headers.get("user-agent")),
        )

    def address(self, request: Request) -> str | None:
        """The gateway's word for it, and only the gateway's; else the socket's."""
        given = request.headers.get(INTERNAL_HEADER, "")
        if hmac.compare_digest(given.encode(), self.internal_secret.encode()):
            return request.headers.get(ADDRESS_HEADER)
        return request.client.host if request.client else None

    def count(self, request: Request) -> None:
        path = _path(request)
        self._knock(f"{counted_as(self.address(request))}|{path}", request)

    def count_account(self, request: Request, account: str) -> None:
        """Guessing one account's password from many addresses is still guessing."""
        wait = self.rates.knock(f"account|{account}", PER_ACCOUNT)
        if wait is not None:
            raise _TooMany(wait)

    def _knock(self, key: str, request: Request) -> None:
        wait = self.rates.knock(key, rule_of(_path(request)))
        if wait is not None:
            raise _TooMany(wait)

    def check_origin(self, request: Request) -> None:
        """Cross-site requests with a cookie, and cross-site sign-ins without one, are refused."""
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return
        headers = request.headers
        named = headers.get("origin") or headers.get("referer") or ""
        if "cookie" not in headers:
            if _path(request) not in _FORMS_ALLOWED or not (named or _fetched(headers)):
                return
            if (headers.get("sec-fetch-site"), headers.get("sec-fetch-mode")) == (
                "cross-site",
                "navigate",
            ):
                raise refusal("cross_site_navigation_login_blocked")
        if not named or named == "null":
            raise refusal("missing_or_null_origin")
        if not self.origins.trusts(named):
            raise refusal("invalid_origin")

    def check_redirects(self, body: Mapping[str, Any]) -> None:
        for name in _REDIRECTS:
            url = body.get(name)
            if isinstance(url, str) and url and not self.origins.allows_redirect(url):
                raise refusal("invalid_callback_url", f"Invalid {name}")


class _TooMany(Refusal):
    def __init__(self, seconds: int) -> None:
        usual = refusal("too_many_requests")
        super().__init__(usual.code, usual.detail, status=usual.status)
        self.seconds = seconds


class AuthRoute(APIRoute):
    """A route of Better Auth's contract."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def answer(request: Request) -> Response:
            door = cast(Door, request.app.state.door)
            try:
                door.count(request)
                door.check_origin(request)
                response = await inner(await _readable(door, request))
            except RequestValidationError as error:
                response = _refused(_of_validation(error), request)
            except Refusal as error:
                response = _refused(error, request)
            response.headers["cache-control"] = "no-store"
            return response

        return answer


async def _readable(door: Door, request: Request) -> Request:
    """The request with a JSON body; forms are rewritten where Better Auth takes them."""
    raw = await request.body()
    if not raw:
        return request
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == _FORM and _path(request) in _FORMS_ALLOWED:
        body = _of_form(raw)
        request = _with_json(request, body)
    elif kind == "application/json":
        body = _of_json(raw)
    else:
        raise refusal("unsupported_media_type", f'Content-Type "{kind[:80]}" is not allowed')
    if isinstance(body, dict):
        door.check_redirects(cast("dict[str, Any]", body))
    return request


def _of_form(raw: bytes) -> dict[str, Any]:
    fields: dict[str, Any] = dict(parse_qsl(raw.decode(errors="replace"), keep_blank_values=True))
    if "rememberMe" in fields:
        fields["rememberMe"] = fields["rememberMe"] not in ("false", "0", "off")
    return fields


def _of_json(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise refusal("bad_request", "Invalid JSON in request body") from error


def _with_json(request: Request, body: dict[str, Any]) -> Request:
    raw = orjson.dumps(body)
    scope = dict(request.scope)
    headers = MutableHeaders(raw=list(request.headers.raw))
    headers["content-type"] = "application/json"
    headers["content-length"] = str(len(raw))
    scope["headers"] = headers.raw

    async def receive() -> Message:
        return {"type": "http.request", "body": raw, "more_body": False}

    return Request(scope, receive)


def _of_validation(error: RequestValidationError) -> Refusal:
    first = cast("list[dict[str, Any]]", error.errors())[0]
    place = ".".join(str(part) for part in first["loc"])
    return refusal("validation_error", f"[{place}] {first['msg']}")


def _refused(error: Refusal, request: Request) -> Response:
    extra: dict[str, Any] = {"message": error.detail, "code": error.code.upper()}
    headers: dict[str, str] = {}
    if isinstance(error, _TooMany):
        # Better Auth's answer has no code here, and a header of its own.
        del extra["code"]
        headers = {"Retry-After": str(error.seconds), "X-Retry-After": str(error.seconds)}
    problem = problems.Problem(error.detail, status=error.status, headers=headers, extra=extra)
    return problems.respond(problem, request.url.path)


def _fetched(headers: Mapping[str, str]) -> bool:
    return any(headers.get(f"sec-fetch-{part}", "").strip() for part in ("site", "mode", "dest"))


def _path(request: Request) -> str:
    return request.url.path.removeprefix(PREFIX)
