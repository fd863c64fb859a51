"""Secrets are made once, kept private, and each container is told only what it may know."""

import stat
import subprocess
from pathlib import Path

import pytest

from multicanvas.containers import write_container_secrets
from multicanvas.secrets import SERVICES, load_secrets


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_container_secrets(tmp_path, "http://127.0.0.1:8080", "http://127.0.0.1:8333")
    return tmp_path


def variables(file: Path) -> dict[str, str]:
    """As a shell reads them."""
    script = f"set -a; . {file}; env -0"
    done = subprocess.run(["env", "-i", "/bin/sh", "-c", script], capture_output=True, check=True)
    pairs = (entry.partition("=") for entry in done.stdout.decode().split("\0") if entry)
    return {name: value for name, _, value in pairs}


def test_secrets_are_made_once_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"

    first, second = load_secrets(file), load_secrets(file)

    assert first == second
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert first.context_key not in repr(first)


def test_what_an_older_file_lacks_is_added_and_the_rest_kept(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    before = load_secrets(file)
    file.write_text(file.read_text().replace('"valkey"', '"something_else"'))

    after = load_secrets(file)

    assert after.valkey != before.valkey
    assert after.roles == before.roles
    assert after.master_keys == before.master_keys


def test_no_container_learns_the_databases_of_another(folder: Path) -> None:
    secrets = load_secrets(folder / "prepare" / "secrets.json")
    for service in SERVICES:
        told = (folder / service / "env").read_text()
        for other in set(SERVICES) - {service}:
            assert not [word for word in secrets.roles[other].values() if word in told]
        assert secrets.postgres not in told


def test_only_identity_signs_and_analytics_has_no_keys(folder: Path) -> None:
    told = {service: variables(folder / service / "env") for service in SERVICES}

    signing = [one for one, env in told.items() if "MULTICANVAS_IDENTITY_TOKEN_PRIVATE_KEY" in env]
    assert signing == ["identity"]
    with_keys = {one for one, env in told.items() if "MULTICANVAS_MASTER_KEYS" in env}
    assert with_keys == set(SERVICES) - {"analytics"}


def test_requests_go_through_the_pooler_and_everything_else_does_not(folder: Path) -> None:
    told = variables(folder / "projects" / "env")

    assert "@pgbouncer:6432/" in told["MULTICANVAS_PROJECTS_APP_DSN"]
    assert "@pgbouncer:6432/" in told["MULTICANVAS_KEYS_DSN"]
    assert "@postgres:5432/" in told["MULTICANVAS_PROJECTS_WORKER_DSN"]
    assert "@postgres:5432/" in told["MULTICANVAS_PROJECTS_OWNER_DSN"]


def test_each_container_has_the_object_keys_of_its_own_bucket_only(folder: Path) -> None:
    secrets = load_secrets(folder / "prepare" / "secrets.json")
    for service in SERVICES:
        told = (folder / service / "env").read_text()
        assert secrets.s3_secret_key not in told
        seen = {name for name, keys in secrets.s3_services.items() if keys["secret_key"] in told}
        assert seen == {service} & set(secrets.s3_services)
