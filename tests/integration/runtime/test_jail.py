"""The jail on this machine: what is outside cannot be read, written or called."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from runtime import jail as jails
from runtime.jail import Jail, NoJail, limits, open_jail, python_folders

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "job"
    made.mkdir()
    return made


def run(code: str, folder: Path, jail: Jail | None = None) -> subprocess.CompletedProcess[str]:
    chosen = jail or open_jail()
    command = [sys.executable, "-c", code]
    return subprocess.run(
        chosen.wrap(command, folder=folder, readable=python_folders()),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        cwd=folder,
        env=os.environ | {"CANARY": "a secret of the service"},
    )


def test_a_file_beside_the_job_folder_is_not_there(folder: Path) -> None:
    canary = folder.parent / "canary"
    canary.write_text("another person's file")
    reading = f"print(open({str(canary)!r}).read())"
    assert "FileNotFoundError" in run(reading, folder).stderr
    assert "another person" in run(reading, folder, Jail(None)).stdout, "the control can read it"


def test_what_lies_where_the_service_was_started_is_not_there(folder: Path) -> None:
    told = run(f"import os; print(os.listdir({str(REPOSITORY)!r}))", folder)
    assert ".git" not in told.stdout
    assert "README.md" not in told.stdout


def test_nothing_answers(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        calling = f"import socket; socket.create_connection(('127.0.0.1', {port}), 3); print('in')"
        inside, control = run(calling, folder), run(calling, folder, Jail(None))
    assert "in" not in inside.stdout
    assert "Error" in inside.stderr
    assert control.stdout == "in\n"


def test_only_the_job_folder_can_be_written(folder: Path) -> None:
    writing = "import sys; open(sys.prefix + '/canary', 'w')"
    assert "Read-only file system" in run(writing, folder).stderr
    assert run("open('made', 'w').write('x')", folder).returncode == 0
    assert (folder / "made").read_text() == "x"


def test_the_services_environment_and_processes_are_not_there(folder: Path) -> None:
    looking = "import os; print(os.environ.get('CANARY'), os.listdir('/proc'))"
    told = run(looking, folder)
    assert told.stdout.startswith("None ")
    assert f"'{os.getpid()}'" not in told.stdout


def test_limits_hold_inside(folder: Path) -> None:
    command = open_jail().wrap(
        [sys.executable, "-c", "b'x' * 2_000_000_000"], folder=folder, readable=python_folders()
    )
    ended = subprocess.run(
        command,
        preexec_fn=limits(memory=500_000_000),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "MemoryError" in ended.stderr


def test_without_a_jail_nothing_is_opened_unless_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jails, "working_bubblewrap", lambda: None)
    with pytest.raises(NoJail):
        open_jail()
    assert open_jail(allow_none=True).name == "none"
