"""The whole system, started as an operator would, for the journeys in this folder."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from multicanvas.demo.client import Gateway
from multicanvas.parts.ports import Ports

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class System:
    """A system of its own: home folder and port belong to this test session."""

    home: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `multicanvas …` here."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("MULTICANVAS_")}
        return subprocess.run(
            [sys.executable, "-m", "multicanvas", *words],
            env={
                **inherited,
                "MULTICANVAS_HOME": str(self.home),
                "MULTICANVAS_PORT": str(self.port),
                "MULTICANVAS_OPERATORS": "operator@example.org",
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def log_tail(self) -> str:
        log = self.home / "multicanvas.log"
        return log.read_text()[-4000:] if log.exists() else "no log"


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    # Not pytest's tmp_path: as root PostgreSQL runs under another account, which may not enter it.
    home = Path(tempfile.mkdtemp(prefix="multicanvas-e2e-"))
    running = System(home, Ports(home / "ports.json").take("gateway of the tests"))
    try:
        started = running.command("up")
        assert started.returncode == 0, started.stdout + started.stderr + running.log_tail()
        yield running
    finally:
        running.command("down")
        shutil.rmtree(running.home, ignore_errors=True)


@pytest_asyncio.fixture(loop_scope="session")
async def gateway(system: System) -> AsyncIterator[Gateway]:
    """A browser in which somebody new has just signed up."""
    async with Gateway.open(system.url) as browser:
        await sign_up(browser)
        yield browser


async def sign_up(browser: Gateway, email: str | None = None) -> str:
    email = email or f"ana-{uuid4().hex[:10]}@example.org"
    body = {"name": "Ana Canary", "email": email, "password": PASSWORD}
    answer = await browser.post("/api/auth/sign-up/email", body)
    return str(answer["user"]["id"])
