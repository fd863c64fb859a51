"""Internal tokens: one signer, one algorithm, one audience, one minute."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from auth.tokens import Actor, TokenRefused, TokenSigner, TokenVerifier

SIGNER = TokenSigner(b"p" * 32, "2026-1")
VERIFIER = TokenVerifier(SIGNER.public_keys, "projects")
PUBLIC = base64.b64decode(json.loads(SIGNER.public_keys)["2026-1"])
HEADERS = {"kid": "2026-1", "typ": "mc-internal+jwt"}


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    told = {
        "iss": "multicanvas",
        "sub": "u1",
        "aud": "projects",
        "iat": now,
        "exp": now + 60,
        "sid": "s1",
        "operator": False,
        "scopes": ["*"],
    }
    return {name: value for name, value in {**told, **changed}.items() if value is not ...}


def ours(**changed: Any) -> str:
    key = Ed25519PrivateKey.from_private_bytes(b"p" * 32)
    return jwt.encode(claims(**changed), key, algorithm="EdDSA", headers=HEADERS)


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_good_token_names_its_actor() -> None:
    token = SIGNER.sign(
        "u1", "projects", session_id="s1", email_verified=True, operator=True, scopes=["a:read"]
    )
    actor = VERIFIER.verify(token)
    assert actor == Actor("u1", "s1", True, frozenset({"a:read"}), email_verified=True)
    assert actor.may("a:read")
    assert not actor.may("a:write")
    lifetime = jwt.decode(token, options={"verify_signature": False})
    assert lifetime["exp"] - lifetime["iat"] == 60


def test_a_session_may_everything() -> None:
    assert VERIFIER.verify(ours()).may("projects:write")


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "render"},
        {"aud": ["render"]},
        {"aud": ...},
        {"iss": "somebody"},
        {"exp": int(time.time()) - 5},
        {"exp": ...},
        {"exp": "NaN"},
        {"iat": int(time.time()) + 3600},
        {"sub": ...},
        {"sub": "service:projects"},
        {"sub": "anonymous"},
        {"sub": "u1|9999999999|x"},
        {"sub": ""},
        {"scopes": ...},
    ],
)
def test_a_token_that_says_something_wrong_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused):
        VERIFIER.verify(ours(**changed))


@pytest.mark.parametrize("algorithm", ["none", "None", "nOnE"])
def test_an_unsigned_token_is_refused(algorithm: str) -> None:
    with pytest.raises(TokenRefused):
        VERIFIER.verify(f"{part({**HEADERS, 'alg': algorithm})}.{part(claims())}.")


@pytest.mark.parametrize("secret", [PUBLIC, base64.b64encode(PUBLIC), b""])
def test_the_public_key_is_no_shared_secret(secret: bytes) -> None:
    signed = f"{part({**HEADERS, 'alg': 'HS256'})}.{part(claims())}"
    mac = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    signature = base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
    with pytest.raises(TokenRefused):
        VERIFIER.verify(f"{signed}.{signature}")


def test_another_key_under_a_known_name_is_refused() -> None:
    stranger = Ed25519PrivateKey.generate()
    with pytest.raises(TokenRefused):
        VERIFIER.verify(jwt.encode(claims(), stranger, algorithm="EdDSA", headers=HEADERS))


def test_a_key_that_the_token_brings_along_is_not_used() -> None:
    stranger = TokenSigner.generate("2026-1")
    raw = base64.b64decode(json.loads(stranger.public_keys)["2026-1"])
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(raw).decode().rstrip("=")}
    key = Ed25519PrivateKey.from_private_bytes(stranger.private_bytes)
    for more in ({"jwk": jwk}, {"jku": "http://127.0.0.1/keys"}, {"x5u": "http://127.0.0.1/c"}):
        token = jwt.encode(claims(), key, algorithm="EdDSA", headers={**HEADERS, **more})
        with pytest.raises(TokenRefused):
            VERIFIER.verify(token)


def test_an_unknown_key_and_another_type_are_refused() -> None:
    key = Ed25519PrivateKey.from_private_bytes(b"p" * 32)
    for headers in ({**HEADERS, "kid": "../2026-1"}, {"typ": "mc-internal+jwt"}, {"kid": "2026-1"}):
        with pytest.raises(TokenRefused):
            VERIFIER.verify(jwt.encode(claims(), key, algorithm="EdDSA", headers=headers))
    rsa = generate_private_key(65537, 2048)
    with pytest.raises(TokenRefused):
        VERIFIER.verify(jwt.encode(claims(), rsa, algorithm="RS256", headers=HEADERS))


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "ä", "x" * 10_000])
def test_rubbish_is_refused(token: str) -> None:
    with pytest.raises(TokenRefused):
        VERIFIER.verify(token)


def test_a_changed_payload_is_refused() -> None:
    header, _, signature = ours().split(".")
    with pytest.raises(TokenRefused):
        VERIFIER.verify(f"{header}.{part(claims(sub='u2'))}.{signature}")


def test_two_keys_serve_while_one_replaces_the_other() -> None:
    fresh = TokenSigner.generate("2026-2")
    both = {**json.loads(SIGNER.public_keys), **json.loads(fresh.public_keys)}
    verifier = TokenVerifier(json.dumps(both), "projects")
    for signer in (SIGNER, fresh):
        token = signer.sign("u1", "projects", session_id=None, email_verified=False, operator=False)
        assert verifier.verify(token).user_id == "u1"


@pytest.mark.parametrize("keys", ["{}", "[]", '{"a": "x"}', '{"a": 7}', "nonsense"])
def test_malformed_public_keys_stop_the_start(keys: str) -> None:
    with pytest.raises(ValueError):
        TokenVerifier(keys, "projects")
