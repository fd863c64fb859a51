"""List pages and their cursors: signed, so that none is a way to ask for something else."""

import base64
import binascii
import hashlib
import hmac
from typing import Any, Generic, TypeVar

import orjson

from runtime.http import Answer
from runtime.problems import FieldError, Unprocessable

T = TypeVar("T")

_MAC_BYTES = 16


class Page(Answer, Generic[T]):
    """One page of a list; `nextCursor` is null on the last one."""

    items: list[T]
    next_cursor: str | None = None


class Cursors:
    """Cursors of one list. `purpose` (route and filters) is signed along: they fit nothing else."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise ValueError("the cursor key must have at least 16 bytes")
        self._key = key

    def sign(self, position: list[Any], *, purpose: str) -> str:
        """The position after the last item: JSON values (text, numbers, null)."""
        payload = orjson.dumps(position)
        return _encode(self._mac(payload, purpose) + payload)

    def read(self, cursor: str, *, purpose: str) -> list[Any]:
        """The position. Raises a 422 problem for a cursor that is not of this list."""
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except (ValueError, binascii.Error):
            raise _bad() from None
        mac, payload = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(payload, purpose)):
            raise _bad()
        return orjson.loads(payload)

    def _mac(self, payload: bytes, purpose: str) -> bytes:
        message = b"cursor|" + purpose.encode() + b"|" + payload
        return hmac.new(self._key, message, hashlib.sha256).digest()[:_MAC_BYTES]


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bad() -> Unprocessable:
    error = FieldError("/query/cursor", "cursor", "not a cursor of this list")
    return Unprocessable("the cursor is not valid", errors=[error])
