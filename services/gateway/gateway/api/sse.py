"""Server-Sent Events on the wire."""

from typing import Any

import orjson
from starlette.responses import StreamingResponse

from gateway.adapters.hub import Live

KEEP_ALIVE = b": keep-alive\n\n"
KEEP_ALIVE_SECONDS = 15.0
RETRY = b"retry: 2000\n\n"


def encode(live: Live) -> bytes:
    """`id` only for what has a place in the order: the browser resumes by the last one."""
    return _lines(live.type, live.data, live.version)


def ready(version: int) -> bytes:
    """The first event: where the feed stands, so that even an idle client can resume."""
    return _lines("ready", {"version": version}, version)


def ended(reason: str) -> bytes:
    return _lines("ended", {"reason": reason}, None)


def reset(version: int) -> bytes:
    """What was asked for is no longer kept: read the resources anew, then follow from here."""
    return _lines("reset", {"version": version}, version)


def _lines(name: str, data: dict[str, Any], version: int | None) -> bytes:
    head = b"" if version is None else f"id: {version}\n".encode()
    return head + f"event: {name}\n".encode() + b"data: " + orjson.dumps(data) + b"\n\n"


class EventStream(StreamingResponse):
    """An open feed: never cached, never held back by a proxy."""

    media_type = "text/event-stream"

    def init_headers(self, headers: Any = None) -> None:
        super().init_headers({"cache-control": "no-store", "x-accel-buffering": "no"})


def position_of(text: str | None) -> int | None:
    """A `Last-Event-ID`; None when there is none or it is not one of ours."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 18:
        return None
    return int(text)
