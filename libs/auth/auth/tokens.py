"""Short-lived tokens between the gateway and the services: Ed25519, one audience each."""

import base64
import binascii
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

ISSUER = "multicanvas"
EVERYTHING = "*"

_ALGORITHM = "EdDSA"
_TYPE = "mc-internal+jwt"
_USER_ID = re.compile(r"[A-Za-z0-9_.@-]{1,128}")


class TokenRefused(Exception):
    """The token is not ours, not for us, too old, or says nothing that could be believed."""


@dataclass(frozen=True)
class Actor:
    """Who asks. `scopes` is `{"*"}` for a session; an access token may have fewer."""

    user_id: str
    session_id: str | None
    operator: bool
    scopes: frozenset[str]
    email_verified: bool = False

    def may(self, scope: str) -> bool:
        """Whether the credentials that were shown cover this scope (`projects:write`)."""
        return EVERYTHING in self.scopes or scope in self.scopes


class TokenSigner:
    """Signs for identity; the private key is nowhere else. Takes the raw 32 bytes or a key."""

    def __init__(self, private_key: Ed25519PrivateKey | bytes, kid: str) -> None:
        self._key = (
            Ed25519PrivateKey.from_private_bytes(private_key)
            if isinstance(private_key, bytes)
            else private_key
        )
        self.kid = kid

    @classmethod
    def generate(cls, kid: str) -> "TokenSigner":
        return cls(Ed25519PrivateKey.generate(), kid)

    @property
    def private_bytes(self) -> bytes:
        """The raw 32 bytes, to be kept secret."""
        return self._key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())

    @property
    def public_keys(self) -> str:
        """What the setting `token_public_keys` of every service needs: `{"<kid>": "<base64>"}`."""
        raw = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return json.dumps({self.kid: base64.b64encode(raw).decode()})

    def sign(
        self,
        user_id: str,
        audience: str,
        *,
        session_id: str | None,
        email_verified: bool,
        operator: bool,
        scopes: Sequence[str] = (EVERYTHING,),
        ttl: int = 60,
    ) -> str:
        """A token for one service, good for `ttl` seconds."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "sub": user_id,
            "aud": audience,
            "iat": now,
            "exp": now + ttl,
            "sid": session_id,
            "emailVerified": email_verified,
            "operator": operator,
            "scopes": list(scopes),
        }
        return jwt.encode(
            claims, self._key, algorithm=_ALGORITHM, headers={"kid": self.kid, "typ": _TYPE}
        )


class TokenVerifier:
    """Believes tokens for one audience, signed by a key it knows, with the one algorithm."""

    def __init__(self, public_keys: str | Mapping[str, str], audience: str) -> None:
        self._audience = audience
        self._keys = _read_keys(public_keys)

    def verify(self, token: str) -> Actor:
        """Who it names. Raises `TokenRefused`, and nothing else, for whatever is wrong."""
        try:
            header = jwt.get_unverified_header(token)
            key = self._keys.get(str(header.get("kid")))
            if key is None or header.get("typ") != _TYPE:
                raise TokenRefused("not signed by a key we know")
            claims = jwt.decode(
                token,
                key,
                # Pinned: the token's own header never chooses how it is checked.
                algorithms=[_ALGORITHM],
                audience=self._audience,
                issuer=ISSUER,
                options={"require": ["exp", "iat", "sub", "aud", "iss"]},
                leeway=2,
            )
            return _actor(claims)
        except (jwt.PyJWTError, ValueError, TypeError, KeyError) as error:
            raise TokenRefused(type(error).__name__) from None


def _actor(claims: Mapping[str, Any]) -> Actor:
    user_id = str(claims["sub"])
    # Nobody comes through the front door as a service: that name needs a context of ours.
    if not _USER_ID.fullmatch(user_id) or user_id == "anonymous":
        raise TokenRefused("not the id of a person")
    scopes = cast("Sequence[object]", claims["scopes"])
    return Actor(
        user_id=user_id,
        session_id=cast("str | None", claims.get("sid")),
        operator=claims.get("operator") is True,
        scopes=frozenset(str(scope) for scope in scopes),
        email_verified=claims.get("emailVerified") is True,
    )


def _read_keys(public_keys: str | Mapping[str, str]) -> dict[str, Ed25519PublicKey]:
    given: Any = json.loads(public_keys) if isinstance(public_keys, str) else public_keys
    if not isinstance(given, Mapping) or not given:
        raise ValueError('public keys look like {"<kid>": "<base64 of 32 bytes>"}')
    try:
        return {
            kid: Ed25519PublicKey.from_public_bytes(base64.b64decode(raw, validate=True))
            for kid, raw in cast("Mapping[str, str]", given).items()
        }
    except (binascii.Error, TypeError) as error:
        raise ValueError("a public key is base64 of 32 bytes") from error
