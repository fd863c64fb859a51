"""Which headers pass the gateway, each way: a list of what may, everything else stays outside."""

from collections.abc import Iterable, Mapping

from multidict import CIMultiDict

from auth.http import INTERNAL_HEADER

AFTER = "Multicanvas-After"
WROTE = "Multicanvas-Wrote"
ACTOR = "Multicanvas-Actor"
ADDRESS = "Multicanvas-Client-Address"

_INWARDS = (
    "accept",
    "accept-language",
    "content-length",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "last-event-id",
    "prefer",
    "range",
    "user-agent",
)
# Better Auth's own rules look at these, and at the cookies.
_INWARDS_AUTH = (
    "cookie",
    "origin",
    "referer",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
)
_NEVER_OUTWARDS = frozenset(
    {
        "connection",
        "content-length",
        "date",
        "keep-alive",
        "proxy-authenticate",
        "server",
        "te",
        "trailer",
        "traceresponse",
        "transfer-encoding",
        "upgrade",
        ACTOR.lower(),
    }
)


def inwards(headers: Mapping[str, str], *, auth: bool) -> CIMultiDict[str]:
    """What a service gets to see of a request. No `Authorization`, nothing called Multicanvas-."""
    names = _INWARDS + _INWARDS_AUTH if auth else _INWARDS
    return CIMultiDict((name, value) for name in names if (value := headers.get(name)) is not None)


def internal(secret: str, address: str) -> dict[str, str]:
    """For identity alone: the real address of the person, vouched for."""
    return {INTERNAL_HEADER: secret, ADDRESS: address}


def outwards(
    headers: Iterable[tuple[str, str]], *, auth: bool, length: str | None
) -> list[tuple[bytes, bytes]]:
    """What a client gets to see of an answer. Cookies are identity's alone to set."""
    kept = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in headers
        if name.lower() not in _NEVER_OUTWARDS and (auth or name.lower() != "set-cookie")
    ]
    if length is not None:
        kept.append((b"content-length", length.encode()))
    return kept
