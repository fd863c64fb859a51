"""Session tokens: random, known to the person's cookie alone, hashed at rest."""

import hashlib
import secrets
import string

_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 43  # of 62 signs each: 256 bits


def new_token() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def handle_of(token: str) -> str:
    """What is stored and shown instead of a token: its SHA-256 in hex. Good for revoking only."""
    return hashlib.sha256(token.encode()).hexdigest()
