"""The embedded parts start, stop, start again on the same data, and never outlive their owner."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from minio import Minio

from multicanvas.parts import EmbeddedParts, Endpoints, HomeBusy, Passwords, holding
from multicanvas.parts.ports import accepts

PASSWORDS = Passwords("pg-secret", "access-key-1", "secret-key-123456", "valkey-secret")


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="multicanvas-parts-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def store(endpoints: Endpoints) -> Minio:
    s3 = endpoints.s3
    return Minio(
        s3.endpoint.removeprefix("http://"),
        access_key=s3.access_key,
        secret_key=s3.secret_key,
        secure=False,
        region="us-east-1",
    )


def port_of(address: str) -> int:
    return (
        int(address.split("/")[2].rsplit(":", 1)[1])
        if "/" in address
        else int(address.split(":")[1])
    )


async def test_parts_start_again_on_the_same_data_and_ports(home: Path) -> None:
    # given parts that hold a row and an object
    with holding(home):
        parts = EmbeddedParts(home, PASSWORDS)
        first = parts.start()
        connection = await asyncpg.connect(first.postgres)
        await connection.execute("create table kept as select 42 as answer")
        await connection.close()
        store(first).make_bucket("kept-bucket")
        assert parts.ended() == []

        # when they are stopped
        parts.stop()

        # then nothing of them listens
        ports: dict[str, int] = json.loads((home / "ports.json").read_text())
        assert not [name for name, port in ports.items() if accepts(port)]

        # and when they start again, row, object and ports are the same
        began = time.monotonic()
        second = EmbeddedParts(home, PASSWORDS)
        again = second.start()
        seconds = time.monotonic() - began
        try:
            assert again == first
            connection = await asyncpg.connect(again.postgres)
            assert await connection.fetchval("select answer from kept") == 42
            await connection.close()
            assert store(again).bucket_exists("kept-bucket")
            assert seconds < 30
        finally:
            second.stop()


async def test_a_stranger_on_the_machine_needs_the_password(home: Path) -> None:
    with holding(home):
        parts = EmbeddedParts(home, PASSWORDS)
        endpoints = parts.start()
        try:
            with pytest.raises(asyncpg.InvalidPasswordError):
                await asyncpg.connect(endpoints.postgres.replace("pg-secret", "guess"))
        finally:
            parts.stop()


def test_one_home_has_one_owner(home: Path) -> None:
    with holding(home), pytest.raises(HomeBusy), holding(home):
        pass


OWNER = """
import sys, time
from pathlib import Path
from multicanvas.parts import EmbeddedParts, Passwords, holding
with holding(Path(sys.argv[1])):
    EmbeddedParts(Path(sys.argv[1]), Passwords(*sys.argv[2:6])).start()
    print("up", flush=True)
    time.sleep(600)
"""


def processes_of(home: Path) -> list[str]:
    """Command lines of living processes that name the home folder."""
    found: list[str] = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(home) in line and int(entry.parts[2]) != os.getpid():
            found.append(line)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_killing_the_owner_leaves_no_process_and_the_next_start_works(home: Path) -> None:
    # given an owner with running parts
    strings = (PASSWORDS.postgres, PASSWORDS.s3_access_key, PASSWORDS.s3_secret_key, "v")
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(home), *strings], stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    assert owner.stdout.readline().strip() == "up"
    assert len(processes_of(home)) >= 4

    # when it is killed without a chance to clean up
    owner.send_signal(signal.SIGKILL)
    owner.wait()

    # then its parts end by themselves
    deadline = time.monotonic() + 30
    while processes_of(home) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_of(home) == []

    # and the same home starts again
    with holding(home):
        parts = EmbeddedParts(home, PASSWORDS)
        parts.start()
        parts.stop()


def our_wardens() -> set[int]:
    """Process ids of the wardens that this process started."""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(os.getpid())],
        capture_output=True,
        text=True,
        check=True,
    )
    return {int(line.split()[0]) for line in listed.stdout.splitlines() if "warden.py" in line}


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_a_killed_warden_takes_its_server_along(home: Path) -> None:
    # The whole session's parts have wardens here, too: those are not ours to kill.
    others = our_wardens()
    with holding(home):
        parts = EmbeddedParts(home, PASSWORDS)
        parts.start()
        try:
            mine = our_wardens() - others
            assert len(mine) == 4
            for warden in mine:
                os.kill(warden, signal.SIGKILL)
            deadline = time.monotonic() + 30
            while processes_of(home) and time.monotonic() < deadline:
                time.sleep(0.1)
            assert processes_of(home) == []
            assert sorted(parts.ended()) == ["kafka", "postgres", "seaweed", "valkey"]
        finally:
            parts.stop()
        assert our_wardens() >= others
