"""Errors as RFC 9457 problem documents: the one shape in which anything here says no."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import asyncpg
import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from runtime.outages import is_outage
from runtime.telemetry import current_trace_id

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

PROBLEM_TYPES: dict[str, tuple[str, str]] = {
    "malformed": ("Malformed request", "The request could not be read, e.g. its body is not JSON."),
    "unauthorized": ("Not signed in", "No valid session or access token came with the request."),
    "forbidden": ("Not allowed", "You may see this, but not do this with it."),
    "not-found": ("Not found", "It does not exist, or you may not see it."),
    "method-not-allowed": ("Method not allowed", "This path does not answer this verb."),
    "state": ("Not possible now", "The state of the thing does not allow it."),
    "precondition-failed": (
        "Changed meanwhile",
        "If-Match names another version than the current.",
    ),
    "too-large": ("Too large", "The body is larger than this route takes."),
    "unsupported-media-type": ("Unsupported content type", "Send the body as application/json."),
    "invalid": ("Invalid content", "Members of the request break a rule; `errors` names each."),
    "locked": ("Locked", "It is locked against this change."),
    "precondition-required": ("Precondition required", "Send If-Match with the version you know."),
    "too-many-requests": ("Too many requests", "Slow down; Retry-After says for how long."),
    "internal": ("Internal error", "Something broke on our side; `traceId` finds it in the logs."),
    "bad-gateway": ("A foreign service failed", "A service outside of Multicanvas answered badly."),
    "unavailable": (
        "Not available now",
        "A part is starting or away; try again after Retry-After.",
    ),
}

_SLUGS = {
    400: "malformed",
    401: "unauthorized",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    409: "state",
    412: "precondition-failed",
    413: "too-large",
    415: "unsupported-media-type",
    422: "invalid",
    423: "locked",
    428: "precondition-required",
    429: "too-many-requests",
    500: "internal",
    502: "bad-gateway",
    503: "unavailable",
}


def register(slug: str, title: str, explanation: str) -> str:
    """Add a problem type of a service, once, at import; returns the slug."""
    PROBLEM_TYPES[slug] = (title, explanation)
    return slug


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one member.

    `pointer` is a JSON Pointer into the body; members elsewhere stand under `/query`, `/path`,
    `/header` or `/cookie`. `code` is for programs, `message` for people.
    """

    pointer: str
    code: str
    message: str


class Problem(Exception):
    """An answer that is not a success. `extra` members stand beside the standard ones."""

    status: int = 500
    type: str | None = None

    def __init__(
        self,
        detail: str | None = None,
        *,
        status: int | None = None,
        type: str | None = None,  # noqa: A002 - the member's name in RFC 9457
        title: str | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail or title or "")
        self.status = status or self.status
        self.type = type or self.type or _SLUGS.get(self.status, "internal")
        self.title = title or PROBLEM_TYPES.get(self.type, (self.type, ""))[0]
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})

    def body(self, instance: str) -> dict[str, Any]:
        """The problem document; `instance` is the path that was asked for."""
        members: dict[str, Any] = {
            **self.extra,
            "type": f"/problems/{self.type}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "errors": [vars(error) for error in self.errors] or None,
            "traceId": current_trace_id(),
        }
        return {name: value for name, value in members.items() if value is not None}


class Malformed(Problem):
    status = 400


class Unauthorized(Problem):
    status = 401


class Forbidden(Problem):
    status = 403


class NotFound(Problem):
    status = 404


class Conflict(Problem):
    status = 409


class PreconditionFailed(Problem):
    status = 412


class TooLarge(Problem):
    status = 413


class UnsupportedMediaType(Problem):
    status = 415


class Unprocessable(Problem):
    status = 422


class PreconditionRequired(Problem):
    status = 428


class TooManyRequests(Problem):
    """`retry_after_seconds` becomes the header `Retry-After`."""

    status = 429

    def __init__(self, detail: str | None = None, *, retry_after_seconds: int = 1, **more: Any):
        super().__init__(detail, **_with_retry_after(retry_after_seconds, more))


class Unavailable(Problem):
    """`retry_after_seconds` becomes the header `Retry-After`."""

    status = 503

    def __init__(self, detail: str | None = None, *, retry_after_seconds: int = 1, **more: Any):
        super().__init__(detail, **_with_retry_after(retry_after_seconds, more))


def install(app: FastAPI) -> None:
    """Answer every error of `app` as a problem document; `http.create_app` does this already."""
    app.add_exception_handler(Problem, _answer)
    app.add_exception_handler(RequestValidationError, _answer)
    app.add_exception_handler(HTTPException, _answer)


def problem_of(error: BaseException, content_type: str | None = None) -> Problem:
    """What an exception means to the one who asked.

    A domain's refusal is known by its attributes `status`, `code` and `detail` (and perhaps
    `errors`, `extra`), so that a domain needs nothing of ours. A part that is away is 503, and
    what nobody foresaw is a 500 that tells nothing.
    """
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return _of_validation(error, content_type)
    if isinstance(error, HTTPException):
        return Problem(str(error.detail), status=error.status_code, headers=error.headers)
    if isinstance(getattr(error, "status", None), int) and isinstance(
        getattr(error, "code", None), str
    ):
        return _of_refusal(error)
    if is_outage(error):
        return Unavailable("a part that this needs does not answer", retry_after_seconds=1)
    if isinstance(error, asyncpg.InsufficientPrivilegeError) and "row-level" in str(error):
        return Forbidden()
    return Problem(status=500)


def respond(problem: Problem, instance: str) -> Response:
    """The problem as an HTTP answer."""
    return Response(
        orjson.dumps(problem.body(instance), default=str),
        status_code=problem.status,
        headers=problem.headers,
        media_type=MEDIA_TYPE,
    )


async def _answer(request: Request, error: Exception) -> Response:
    problem = problem_of(error, request.headers.get("content-type"))
    return respond(problem, request.url.path)


def _of_refusal(error: BaseException) -> Problem:
    status: int = getattr(error, "status")  # noqa: B009 - duck-typed, checked by the caller
    slug = str(getattr(error, "code")).replace("_", "-")  # noqa: B009
    detail = getattr(error, "detail", None) or str(error) or None
    errors: list[FieldError] = []
    for one in cast("Sequence[Any]", getattr(error, "errors", None) or ()):
        part = cast("Mapping[str, Any]", one if isinstance(one, Mapping) else vars(one))
        errors.append(FieldError(str(part["pointer"]), str(part["code"]), str(part["message"])))
    headers: dict[str, str] = {}
    retry_after = getattr(error, "retry_after_seconds", None)
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    extra = cast("Mapping[str, Any] | None", getattr(error, "extra", None))
    title = PROBLEM_TYPES[slug][0] if slug in PROBLEM_TYPES else _title_of(status)
    return Problem(
        detail,
        status=status,
        type=slug,
        title=title,
        errors=errors,
        headers=headers,
        extra={"code": getattr(error, "code"), **(extra or {})},  # noqa: B009
    )


def _title_of(status: int) -> str:
    return PROBLEM_TYPES[_SLUGS.get(status, "state")][0]


def _of_validation(error: RequestValidationError, content_type: str | None) -> Problem:
    found = cast("Sequence[Mapping[str, Any]]", error.errors())
    if any(one["type"] == "json_invalid" for one in found):
        return Malformed("the body is not JSON")
    about_body = [one for one in found if one["loc"][:1] == ("body",)]
    if about_body and content_type is not None and not _is_json(content_type):
        return UnsupportedMediaType(f"expected application/json, not {content_type.split(';')[0]}")
    if all(one["loc"][:1] == ("path",) for one in found):
        # An id that cannot exist is an id that does not exist.
        return NotFound()
    errors = [FieldError(_pointer(one["loc"]), one["type"], one["msg"]) for one in found]
    return Unprocessable("the request breaks a rule", errors=errors)


def _is_json(content_type: str) -> bool:
    kind = content_type.split(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _pointer(location: Sequence[str | int]) -> str:
    parts = location[1:] if location[:1] == ("body",) else location
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


_Members = TypeVar("_Members", bound=dict[str, Any])


def _with_retry_after(seconds: int, members: _Members) -> _Members:
    members["headers"] = {"Retry-After": str(seconds), **(members.get("headers") or {})}
    return members
