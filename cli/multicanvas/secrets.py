"""Every secret of one installation: made once, kept in one file that only its owner reads."""

import base64
import json
import os
import secrets as random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

SERVICES: Final = ("identity", "projects", "ai", "media", "render", "analytics", "gateway")
DATABASES: Final = (*SERVICES, "keys")
WITH_OBJECTS: Final = ("projects", "ai", "media", "render")


def _hex() -> str:
    return random.token_hex(32)


def _master_keys() -> str:
    return "1:" + base64.b64encode(random.token_bytes(32)).decode()


def _signing_key() -> str:
    # Here, because `status` and `down` need names of services only and must answer at once.
    from auth.tokens import TokenSigner

    return base64.b64encode(TokenSigner.generate("1").private_bytes).decode()


def _roles() -> dict[str, dict[str, str]]:
    parts = ("owner", "app", "worker")
    return {name: {part: random.token_hex(24) for part in parts} for name in DATABASES}


def _s3_services() -> dict[str, dict[str, str]]:
    return {
        name: {"access_key": random.token_hex(10), "secret_key": random.token_hex(20)}
        for name in WITH_OBJECTS
    }


_MAKERS: Final[Mapping[str, Callable[[], Any]]] = {
    "postgres": lambda: random.token_hex(24),
    "roles": _roles,
    "context_key": _hex,
    "master_keys": _master_keys,
    "token_private_key": _signing_key,
    "token_kid": lambda: f"k{random.token_hex(4)}",
    "internal_secret": _hex,
    "session_secret": _hex,
    "cursor_key": _hex,
    "files_key": _hex,
    "s3_access_key": lambda: random.token_hex(10),
    "s3_secret_key": lambda: random.token_hex(20),
    "s3_services": _s3_services,
    "valkey": lambda: random.token_hex(24),
}


@dataclass(frozen=True)
class Secrets:
    """`roles[database][owner|app|worker]` are passwords; `s3_access_key` may do everything,
    `s3_services[service][access_key|secret_key]` what that service needs; keys are hex."""

    postgres: str
    roles: Mapping[str, Mapping[str, str]]
    context_key: str
    master_keys: str
    token_private_key: str
    token_kid: str
    internal_secret: str
    session_secret: str
    cursor_key: str
    files_key: str
    s3_access_key: str
    s3_secret_key: str
    s3_services: Mapping[str, Mapping[str, str]]
    valkey: str

    def __repr__(self) -> str:
        return "Secrets(…)"

    @property
    def token_public_keys(self) -> str:
        """The setting of that name: `{"<kid>": "<base64>"}`."""
        from auth.tokens import TokenSigner

        return TokenSigner(base64.b64decode(self.token_private_key), self.token_kid).public_keys


def load_secrets(file: Path) -> Secrets:
    """Reads them; what the file does not have yet is made and added. The file has mode 0600."""
    known: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    missing = {name: make() for name, make in _MAKERS.items() if name not in known}
    new_roles = {
        name: role for name, role in _roles().items() if name not in known.get("roles", {})
    }
    if missing or new_roles:
        known |= missing
        known["roles"] |= {name: known["roles"].get(name, role) for name, role in new_roles.items()}
        _write(file, known)
    return Secrets(**{name: known[name] for name in _MAKERS})


def _write(file: Path, content: Mapping[str, Any]) -> None:
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        json.dump(content, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    # In one step: half a file would lock the installation out of its own data.
    fresh.replace(file)
