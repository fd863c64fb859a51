"""Signed URLs of our own paths: what was signed, for how long, by which key."""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote


class BadSignature(Exception):
    """Not signed by us, for another path or method, or too old."""


@dataclass(frozen=True)
class SignedQuery:
    """The query parameters that make a path a signed URL."""

    exp: int
    kid: str
    sig: str

    def __str__(self) -> str:
        return f"exp={self.exp}&kid={quote(self.kid)}&sig={self.sig}"


class PathSigner:
    """Signs method, path, expiry and whatever else must not be changed, with a key of known id.

    Older keys keep verifying until they are taken out; `kid` names the one that signs.
    """

    def __init__(self, keys: Mapping[str, bytes], kid: str) -> None:
        if kid not in keys or any(len(key) < 16 for key in keys.values()):
            raise ValueError("a signer needs its key, of at least 16 bytes")
        self._keys = dict(keys)
        self._kid = kid

    @classmethod
    def from_secret(cls, secret: str, kid: str = "1") -> "PathSigner":
        """One key, derived from a secret of any form."""
        return cls({kid: hashlib.sha256(b"multicanvas.files|" + secret.encode()).digest()}, kid)

    def sign(self, method: str, path: str, *, seconds: int, bound: str = "") -> SignedQuery:
        """Good for `seconds` from now. `bound`: further text that the request must repeat."""
        expires = int(time.time()) + seconds
        return SignedQuery(expires, self._kid, self._mac(self._kid, method, path, expires, bound))

    def verify(
        self, method: str, path: str, *, exp: str, kid: str, sig: str, bound: str = ""
    ) -> None:
        """Raises `BadSignature` unless exactly this was signed and has not expired."""
        if kid not in self._keys or not exp.isascii() or not exp.isdigit() or len(exp) > 12:
            raise BadSignature
        expected = self._mac(kid, method, path, int(exp), bound)
        if not hmac.compare_digest(expected.encode(), sig.encode()) or int(exp) < time.time():
            raise BadSignature

    def _mac(self, kid: str, method: str, path: str, expires: int, bound: str) -> str:
        message = f"v1\n{method.upper()}\n{path}\n{expires}\n{kid}\n{bound}".encode()
        digest = hmac.new(self._keys[kid], message, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
