"""The environment of the services, made from parts and secrets: the one list of settings."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

from multicanvas.buckets import service_keys
from multicanvas.parts import Endpoints
from multicanvas.parts.ports import Ports
from multicanvas.secrets import SERVICES, Secrets

PREFIX: Final = "MULTICANVAS_"
DEFAULT_PORT: Final = 8080


@dataclass(frozen=True)
class Site:
    """Where this installation lies and where people reach it."""

    home: Path
    port: int
    host: str = "127.0.0.1"

    @property
    def public_url(self) -> str:
        return os.environ.get(f"{PREFIX}PUBLIC_URL") or f"http://127.0.0.1:{self.port}"


def database_dsn(superuser_dsn: str, database: str, part: str, password: str) -> str:
    """The DSN of the login `<database>_<part>` on the same server."""
    server = urlsplit(superuser_dsn)
    login = f"{database}_{part}:{quote(password, safe='')}"
    return f"postgresql://{login}@{server.hostname}:{server.port or 5432}/{database}"


def site_environment(
    site: Site, endpoints: Endpoints, secrets: Secrets, ports: Ports
) -> dict[str, str]:
    """Every variable that the services of this installation read. What the caller's environment
    sets itself wins."""
    files = str(site.home / "files")
    made = service_environment(site.public_url, files, endpoints, secrets)
    made[f"{PREFIX}OPERATORS"] = ",".join(operators(site.home))
    made |= _addresses(site, ports)
    if f"{PREFIX}S3_ACCESS_KEY" not in os.environ:
        # Keys that the caller names know nothing of ours: then everybody uses those.
        made |= {f"{PREFIX}{name}": value for name, value in service_keys(secrets).items()}
    return made | {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}


def service_environment(
    public_url: str, files: str, endpoints: Endpoints, secrets: Secrets
) -> dict[str, str]:
    """What services read wherever they run: all but the addresses they listen on."""
    made = {
        **_databases(endpoints, secrets),
        **_objects(files, endpoints, secrets),
        "KAFKA": endpoints.kafka,
        "CONTEXT_KEY": secrets.context_key,
        "MASTER_KEYS": secrets.master_keys,
        "TOKEN_PUBLIC_KEYS": secrets.token_public_keys,
        "INTERNAL_SECRET": secrets.internal_secret,
        "CURSOR_KEY": secrets.cursor_key,
        "PUBLIC_URL": public_url,
        "IDENTITY_SESSION_SECRET": secrets.session_secret,
        "IDENTITY_TOKEN_PRIVATE_KEY": secrets.token_private_key,
        "IDENTITY_TOKEN_KID": secrets.token_kid,
    }
    if endpoints.valkey is not None:
        made["VALKEY"] = endpoints.valkey
    return {f"{PREFIX}{name}": value for name, value in made.items()}


def _databases(endpoints: Endpoints, secrets: Secrets) -> dict[str, str]:
    made: dict[str, str] = {}
    for service in SERVICES:
        for part in ("app", "worker", "owner"):
            dsn = database_dsn(endpoints.postgres, service, part, secrets.roles[service][part])
            made[f"{service.upper()}_{part.upper()}_DSN"] = dsn
    keys = secrets.roles["keys"]["app"]
    made["KEYS_DSN"] = database_dsn(endpoints.postgres, "keys", "app", keys)
    return made


def _addresses(site: Site, ports: Ports) -> dict[str, str]:
    made = {"GATEWAY_HTTP_PORT": str(site.port), "GATEWAY_HTTP_HOST": site.host}
    for service in SERVICES:
        if service != "gateway":
            port = ports.take(f"service.{service}")
            made[f"{service.upper()}_HTTP_PORT"] = str(port)
            made[f"{service.upper()}_URL"] = f"http://127.0.0.1:{port}"
    return {f"{PREFIX}{name}": value for name, value in made.items()}


def _objects(files: str, endpoints: Endpoints, secrets: Secrets) -> dict[str, str]:
    return {
        "OBJECTS": "s3",
        "S3_ENDPOINT": endpoints.s3.endpoint,
        "S3_PUBLIC_ENDPOINT": endpoints.s3.endpoint,
        "FILES": files,
        "FILES_KEY": secrets.files_key,
    }


def operators(home: Path) -> list[str]:
    """User ids and e-mail addresses that may administer, as `operator add` wrote them."""
    try:
        return (home / "operators").read_text().split()
    except FileNotFoundError:
        return []


def add_operator(home: Path, name: str) -> None:
    known = operators(home)
    if name not in known:
        (home / "operators").write_text("\n".join([*known, name]) + "\n")


def given_endpoints(environ: Mapping[str, str]) -> dict[str, str]:
    """Parts that somebody else runs: `{"postgres": superuser DSN, "kafka": bootstrap address,
    "seaweed": S3 endpoint, "valkey": URL}`, those that the environment names."""
    variables = {"postgres": "POSTGRES", "kafka": "KAFKA", "seaweed": "S3_ENDPOINT"}
    variables["valkey"] = "VALKEY"
    found = {part: environ.get(PREFIX + name, "") for part, name in variables.items()}
    return {part: value for part, value in found.items() if value}


def given_s3_keys(environ: Mapping[str, str], secrets: Secrets) -> tuple[str, str]:
    """Access and secret key that may do everything: the caller's, else our own."""
    return (
        environ.get(f"{PREFIX}S3_ACCESS_KEY", secrets.s3_access_key),
        environ.get(f"{PREFIX}S3_SECRET_KEY", secrets.s3_secret_key),
    )
