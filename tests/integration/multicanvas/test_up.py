"""`multicanvas up` starts everything, `down` ends everything, and the data outlives both."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from multicanvas.parts.ports import Ports


class Installation:
    """A home folder of its own and the command that works on it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = Ports(home / "test-ports.json").take("gateway")
        self.url = f"http://127.0.0.1:{self.port}"

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        env = {name: value for name, value in os.environ.items() if "MULTICANVAS" not in name}
        env |= {"MULTICANVAS_HOME": str(self.home), "MULTICANVAS_PORT": str(self.port)}
        argv = [sys.executable, "-m", "multicanvas", *arguments]
        return subprocess.run(argv, capture_output=True, text=True, env=env, timeout=240)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Origin": self.url},
        )
        try:
            answer: HTTPResponse = urllib.request.urlopen(request, timeout=30)
        except HTTPError as refused:
            return refused.code, json.loads(refused.read())
        return answer.status, json.loads(answer.read())

    def processes(self) -> list[str]:
        listed = subprocess.run(["ps", "-ewwo", "args="], capture_output=True, text=True)
        return [line for line in listed.stdout.splitlines() if str(self.home) in line]


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    home = Path(tempfile.mkdtemp(prefix="multicanvas-up-"))
    made = Installation(home)
    yield made
    made.command("down")
    shutil.rmtree(home, ignore_errors=True)


@pytest.mark.skipif(sys.platform != "linux", reason="counts processes by `ps -eww`")
def test_what_was_written_before_down_is_there_after_up_in_the_other_mode(
    installation: Installation,
) -> None:
    # given a system in one process, in which somebody signed up
    up = installation.command("up")
    assert up.returncode == 0, up.stdout + up.stderr
    assert "ready" in up.stdout
    assert installation.ask("GET", "/readyz")[0] == 200
    person = {"email": f"{secrets.token_hex(4)}@example.org", "password": secrets.token_hex(12)}
    status, said = installation.ask("POST", "/api/auth/sign-up/email", {**person, "name": "Ada"})
    assert status == 200, said

    # when it is asked again, it says that it runs; when it is stopped, nothing is left
    assert "already running" in installation.command("up").stdout
    assert installation.command("status").returncode == 0
    assert installation.command("down").returncode == 0
    deadline = time.monotonic() + 10
    while installation.processes() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert installation.processes() == []
    assert installation.command("status").returncode == 1

    # then the person can sign in after a start with one process for each service
    split = installation.command("up", "--split")
    assert split.returncode == 0, split.stdout + split.stderr
    status, said = installation.ask("POST", "/api/auth/sign-in/email", person)
    assert status == 200, said
    assert installation.command("down").returncode == 0


def test_a_taken_port_is_said_plainly(installation: Installation) -> None:
    import socket

    with socket.socket() as taken:
        # The system that had the port just before leaves connections in TIME_WAIT.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", installation.port))
        taken.listen()

        refused = installation.command("up")

    assert refused.returncode == 1
    assert f"port {installation.port} is taken" in refused.stdout


def test_the_doctor_finds_what_the_parts_need(installation: Installation) -> None:
    said = installation.command("doctor").stdout

    for part in ("python", "java", "kafka", "postgres", "seaweed", "ffmpeg", "bubblewrap", "disk"):
        assert f"  {part} " in said
