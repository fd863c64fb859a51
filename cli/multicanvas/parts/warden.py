"""Keeps one server process tied to the process that asked for it.

Run as `python -I -S warden.py`, standard library only. It reads one JSON line from standard
input (what to run) and then waits: when that pipe closes, for whatever reason, kill -9 of the
owner included, the server gets its stop signal, time to finish, and at last SIGKILL. Should the
warden itself be killed, the kernel sends the stop signal (PR_SET_PDEATHSIG, Linux). The extra
process is what makes this safe: the kernel's notice belongs to a thread, and owners start parts
from threads that end.
"""

import contextlib
import ctypes
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

_PR_SET_PDEATHSIG = 1
_NO_GROUPS: list[int] = []


def _die_with_warden(stop_signal: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, stop_signal)


def started_at(pid: int) -> str | None:
    """Start time of a living process in clock ticks since boot: with the pid, a name that is not
    reused. None for one that has ended, waited for or not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]


def _launch(order: dict[str, Any]) -> subprocess.Popen[bytes]:
    with Path(order["log"]).open("ab") as log:
        return subprocess.Popen(
            order["argv"],
            cwd=order["folder"],
            env=order["env"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # Safe here, where there is one thread only.
            preexec_fn=lambda: _die_with_warden(order["stop_signal"]),
            user=order["user"],
            group=order["group"],
            extra_groups=None if order["user"] is None else _NO_GROUPS,
        )


def _write_pidfile(pidfile: Path, pid: int, stop_signal: int) -> str:
    content = json.dumps({"pid": pid, "started": started_at(pid), "stop_signal": stop_signal})
    fresh = pidfile.with_suffix(".new")
    fresh.write_text(content)
    fresh.replace(pidfile)
    return content


def _remove_pidfile(pidfile: Path, content: str) -> None:
    """Removes our own pidfile only: a new owner may have started the same part meanwhile."""
    with contextlib.suppress(OSError):
        if pidfile.read_text() == content:
            pidfile.unlink()


def _wake(number: int, frame: FrameType | None) -> None:
    """Nothing to do: that the signal arrived ends the wait for input."""


def _wait(child: subprocess.Popen[bytes]) -> None:
    """Returns when the child has ended, the owner is gone, or somebody told the warden to stop."""
    read_end, write_end = socket.socketpair()
    write_end.setblocking(False)
    signal.set_wakeup_fd(write_end.fileno())
    stopping: list[int] = []
    signal.signal(signal.SIGCHLD, _wake)
    signal.signal(signal.SIGTERM, lambda number, _: stopping.append(number))
    while child.poll() is None and not stopping:
        ready, _, _ = select.select([0, read_end], [], [], 5.0)
        if read_end in ready:
            read_end.recv(4096)
        if 0 in ready and not os.read(0, 4096):
            return


def _end(child: subprocess.Popen[bytes], stop_signal: int, grace_seconds: float) -> None:
    deadline = time.monotonic() + grace_seconds
    if child.poll() is None:
        child.send_signal(stop_signal)
    while child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = sys.stdin.buffer.readline()
    if not line:
        return 0
    order = json.loads(line)
    child = _launch(order)
    pidfile = Path(order["pidfile"])
    content = _write_pidfile(pidfile, child.pid, order["stop_signal"])
    _wait(child)
    signal.set_wakeup_fd(-1)
    _end(child, order["stop_signal"], order["grace_seconds"])
    _remove_pidfile(pidfile, content)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


if __name__ == "__main__":
    sys.exit(main())
