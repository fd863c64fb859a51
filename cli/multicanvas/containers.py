"""Secrets and preparation for containers: each gets a folder with what it may know, no more."""

import asyncio
import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from multicanvas.buckets import service_identities, service_keys
from multicanvas.environment import (
    PREFIX,
    given_endpoints,
    given_s3_keys,
    service_environment,
)
from multicanvas.installed import load_service
from multicanvas.parts import Endpoints, PartFailed, S3Endpoint
from multicanvas.parts.seaweed import identities_file
from multicanvas.preparing import Preparation, prepare
from multicanvas.progress import Progress
from multicanvas.secrets import SERVICES, Secrets, load_secrets

_PORT: Final = 8000
_POOLER: Final = "pgbouncer:6432"
_SERVER: Final = "postgres:5432"


def write_container_secrets(folder: Path, public_url: str, s3_public_endpoint: str) -> None:
    """Makes the secrets where there are none yet and writes `<folder>/<container>/…`. The master
    copy is `<folder>/prepare/secrets.json`. Host names are those of docker-compose.yml."""
    (folder / "prepare").mkdir(parents=True, exist_ok=True)
    secrets = load_secrets(folder / "prepare" / "secrets.json")
    every = _environment(secrets, public_url, s3_public_endpoint)
    superuser = f"postgresql://postgres:{secrets.postgres}@{_SERVER}/postgres"
    _write_env(folder / "prepare", {**every, f"{PREFIX}POSTGRES": superuser})
    for service in SERVICES:
        _write_env(folder / service, _of_service(service, every))
    identities = identities_file(
        secrets.s3_access_key, secrets.s3_secret_key, service_identities(secrets)
    )
    _write(folder / "seaweed" / "identities.json", identities)
    _write(folder / "postgres" / "password", secrets.postgres)
    _write(folder / "valkey" / "valkey.conf", _valkey(secrets))
    _write(folder / "pgbouncer" / "pgbouncer.ini", _PGBOUNCER)
    _write(folder / "pgbouncer" / "users.txt", _pooled_users(secrets))


def _environment(secrets: Secrets, public_url: str, s3_public_endpoint: str) -> dict[str, str]:
    endpoints = Endpoints(
        postgres=f"postgresql://postgres:{secrets.postgres}@{_SERVER}/postgres",
        kafka="kafka:9092",
        s3=S3Endpoint("http://seaweed:8333", secrets.s3_access_key, secrets.s3_secret_key),
        valkey=f"redis://:{secrets.valkey}@valkey:6379/0",
    )
    addresses: dict[str, str] = {}
    for service in SERVICES:
        addresses[f"{service.upper()}_HTTP_HOST"] = "0.0.0.0"  # noqa: S104 - inside its container
        addresses[f"{service.upper()}_HTTP_PORT"] = str(_PORT)
        if service != "gateway":
            addresses[f"{service.upper()}_URL"] = f"http://{service}:{_PORT}"
    made = service_environment(public_url, "/var/lib/multicanvas/files", endpoints, secrets)
    made |= {f"{PREFIX}{name}": value for name, value in addresses.items()}
    made |= {f"{PREFIX}{name}": value for name, value in service_keys(secrets).items()}
    made[f"{PREFIX}S3_PUBLIC_ENDPOINT"] = s3_public_endpoint
    pooled = {name for name in made if name.endswith("_APP_DSN")} | {f"{PREFIX}KEYS_DSN"}
    return {
        name: value.replace(_SERVER, _POOLER) if name in pooled else value
        for name, value in made.items()
    }


def _of_service(service: str, every: Mapping[str, str]) -> dict[str, str]:
    """What is named after another service stays out, except the addresses the gateway needs; keys
    stay out of analytics, which may not read sealed content."""
    others = tuple(f"{PREFIX}{name.upper()}_" for name in SERVICES if name != service)
    kept = {name: value for name, value in every.items() if not name.startswith(others)}
    if service == "gateway":
        kept |= {name: every[name] for name in every if name.endswith("_URL")}
    if service == "analytics":
        kept.pop(f"{PREFIX}MASTER_KEYS")
        kept.pop(f"{PREFIX}KEYS_DSN")
    return kept


def _valkey(secrets: Secrets) -> str:
    return f'requirepass {secrets.valkey}\nsave ""\nmaxmemory 128mb\nmaxmemory-policy allkeys-lru\n'


def _pooled_users(secrets: Secrets) -> str:
    logins = {f"{name}_app": role["app"] for name, role in secrets.roles.items()}
    return "".join(f'"{login}" "{password}"\n' for login, password in logins.items())


_PGBOUNCER: Final = f"""[databases]
* = host={_SERVER.split(":")[0]} port={_SERVER.split(":")[1]}
[pgbouncer]
listen_addr = *
listen_port = {_POOLER.split(":")[1]}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = /run/multicanvas/users.txt
pool_mode = transaction
default_pool_size = 20
max_client_conn = 1000
"""


def _write_env(folder: Path, values: Mapping[str, str]) -> None:
    lines = (f"{name}={shlex.quote(value)}\n" for name, value in sorted(values.items()))
    _write(folder / "env", "".join(lines))


def _write(file: Path, content: str) -> None:
    # Readable by any account inside the one container that this folder is mounted into.
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    file.chmod(0o644)
    file.parent.chmod(0o755)


def prepare_given_parts(home: Path) -> None:
    """Databases, topics, buckets and shipped data on parts that run already, with the secrets of
    `home`; PostgreSQL, Kafka and S3 are named by the environment. Repeating it is harmless."""
    given = given_endpoints(os.environ)
    missing = {"postgres", "kafka", "seaweed"} - set(given)
    if missing:
        raise PartFailed(f"not told where these are: {', '.join(sorted(missing))}")
    secrets = load_secrets(home / "secrets.json")
    s3 = S3Endpoint(given["seaweed"], *given_s3_keys(os.environ, secrets))
    endpoints = Endpoints(given["postgres"], given["kafka"], s3, given.get("valkey"))
    services = [load_service(name) for name in SERVICES]
    asyncio.run(prepare(Preparation(services, endpoints, secrets, {}, Progress(None))))
