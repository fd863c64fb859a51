"""Commands over HTTP: from a request to a context and key, from an answer to a response."""

import hashlib
import re

import orjson
from fastapi import Request, Response

from eventlog.answers import Answer, IdempotencyKey, write_wrote
from eventlog.domain import Refusal
from runtime.context import ANONYMOUS, Context

WROTE = "Multicanvas-Wrote"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_ETAG = re.compile(r'(?:W/)?"(\d+)"')


async def command_request(
    request: Request, actor: str | None = None
) -> tuple[Context, IdempotencyKey | None]:
    """Who commands, and the key that makes repeating it harmless.

    The actor is the given user id, else the one whose token the request was let in with
    (`request.state.actor`), else anonymous; then no key is honoured, for everyone would share it.
    Raises Refusal (400) for a malformed key.
    """
    signed_in = getattr(request.state, "actor", None)
    user: str = actor or getattr(signed_in, "user_id", ANONYMOUS)
    context = Context.for_actor(user)
    key = request.headers.get("idempotency-key")
    if key is None or user == ANONYMOUS:
        return context, None
    if not _KEY.fullmatch(key):
        raise Refusal("malformed", "Idempotency-Key: 1 to 255 visible ASCII characters.", 400)
    return context, IdempotencyKey(key, await _hash(request))


async def _hash(request: Request) -> bytes:
    """SHA-256 of method, path with query, and body, each with its length, so none can shift."""
    target = request.url.path + ("?" + request.url.query if request.url.query else "")
    digest = hashlib.sha256()
    for part in (request.method.encode(), target.encode(), await request.body()):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


def expected_version(request: Request) -> int | None:
    """The version in If-Match, or None when there is none or it is `*`.

    Raises Refusal (400) when it is not one version in quotes.
    """
    value = request.headers.get("if-match", "*").strip()
    if value == "*":
        return None
    found = _ETAG.fullmatch(value)
    if found is None:
        raise Refusal("malformed", 'If-Match: one version in quotes, as in "12".', 400)
    return int(found[1])


def etag(version: int) -> str:
    return f'"{version}"'


def respond(answer: Answer) -> Response:
    """The response: JSON, `ETag`, and what was written as `Multicanvas-Wrote`."""
    headers: dict[str, str] = {}
    if answer.etag is not None:
        headers["ETag"] = answer.etag
    if answer.wrote:
        headers[WROTE] = write_wrote(answer.wrote)
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    return Response(
        orjson.dumps(answer.body, option=orjson.OPT_UTC_Z),
        status_code=answer.status,
        headers=headers,
        media_type="application/json",
    )
