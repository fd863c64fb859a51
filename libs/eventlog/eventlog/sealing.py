"""What the log asks of encryption. `libs/auth` provides it; the log knows no key."""

from collections.abc import Sequence
from typing import Any, Protocol

from eventlog.domain import KeyScope


class Sealer(Protocol):
    """Seals the private part of events and encrypts whole blobs. Async: keys live in a database."""

    async def seal(
        self, data: dict[str, Any], patterns: Sequence[str], scope: KeyScope, event_id: str
    ) -> dict[str, Any]:
        """`data` without the members that `patterns` name, and with them in `data["sealed"]`."""
        ...

    async def unseal(self, data: dict[str, Any], event_id: str) -> dict[str, Any]:
        """The sealed members back in place; with a forgotten key, `data` without them."""
        ...

    async def encrypt(self, blob: bytes, aad: bytes, scope: KeyScope) -> bytes: ...

    async def decrypt(self, blob: bytes, aad: bytes) -> bytes | None:
        """None when the key is forgotten."""
        ...
