"""The container files describe the same system that `multicanvas up` runs."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from multicanvas.secrets import SERVICES

ROOT = Path(__file__).parents[3]
LOADER = "github.com/compose-spec/compose-go/v2/cmd@v2.16.2"


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def load(file: Path) -> subprocess.CompletedProcess[str]:
    """Compose's own loader, which prints the resolved model or the error."""
    return subprocess.run(
        ["go", "run", LOADER, str(file)], capture_output=True, text=True, cwd=file.parent
    )


@pytest.mark.skipif(shutil.which("go") is None, reason="no Go to run Compose's own loader")
def test_composes_own_loader_takes_the_file_and_refuses_a_broken_one(tmp_path: Path) -> None:
    good = load(ROOT / "docker-compose.yml")
    broken_file = tmp_path / "docker-compose.yml"
    text = (ROOT / "docker-compose.yml").read_text()
    broken_file.write_text(text.replace("service_healthy", "service_wealthy"))
    broken = load(broken_file)

    assert good.returncode == 0, good.stderr
    resolved = yaml.safe_load(good.stdout)["services"]
    assert set(SERVICES) < set(resolved)
    assert broken.returncode != 0


def test_every_service_has_a_container_that_sees_its_own_secrets_only(
    services: dict[str, Any],
) -> None:
    for name in SERVICES:
        service = services[name]
        assert service["build"]["args"] == {"SERVICE": name}
        [mount] = service["volumes"]
        assert mount["volume"]["subpath"] == name
        assert mount["read_only"] is True


def test_everything_that_goes_on_running_has_a_health_check(services: dict[str, Any]) -> None:
    jobs = {"secrets", "prepare"}

    assert {name for name, one in services.items() if "healthcheck" not in one} == jobs


def test_nothing_listens_beyond_loopback(services: dict[str, Any]) -> None:
    published = [port for one in services.values() for port in one.get("ports", [])]

    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


@pytest.mark.parametrize("service", [*SERVICES, "multicanvas"])
def test_an_image_gets_the_packages_its_service_needs(service: str) -> None:
    listed = subprocess.run(
        [sys.executable, str(ROOT / "deploy" / "packages.py"), service],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    names = {Path(folder).name for folder in listed}

    assert {"contracts", "runtime", "eventlog", "auth"} <= names
    others = set(SERVICES) & names
    assert others == (set(SERVICES) if service == "multicanvas" else {service})
