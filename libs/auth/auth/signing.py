"""Signed URLs of local files, and the signed cookie that Better Auth's clients know."""

import base64
import hashlib
import hmac
from urllib.parse import quote, unquote

from runtime.signing import BadSignature, PathSigner, SignedQuery

__all__ = ["BadSignature", "PathSigner", "SignedCookie", "SignedQuery"]


class SignedCookie:
    """Better Auth's signed cookie value: `token.sig`, URL-encoded.

    `sig` is padded standard base64 of HMAC-SHA-256(secret, token).
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def sign(self, token: str) -> str:
        """The cookie's value, ready for a Set-Cookie header."""
        return quote(f"{token}.{self._mac(token)}", safe="-_.!~*'()")

    def read(self, value: str) -> str | None:
        """The token, None when the signature is missing or wrong. Takes it decoded or not."""
        token, dot, signature = unquote(value).rpartition(".")
        if not dot or len(signature) != 44 or not signature.endswith("="):
            return None
        good = hmac.compare_digest(self._mac(token).encode(), signature.encode())
        return token if good else None

    def _mac(self, token: str) -> str:
        return base64.b64encode(
            hmac.new(self._secret, token.encode(), hashlib.sha256).digest()
        ).decode()
