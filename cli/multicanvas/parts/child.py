"""A server process that belongs to us: started, watched, stopped, swept up after a crash."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from multicanvas.parts import warden

_LOG_LIMIT_BYTES = 8 * 1024 * 1024


class PartFailed(RuntimeError):
    """A part did not start. The message says which one, why, and ends with its log's last lines."""


@dataclass(frozen=True)
class Order:
    """What to run. `env` is added to the caller's environment; `user` is (uid, gid) to become."""

    argv: Sequence[str]
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 15.0
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    user: tuple[int, int] | None = None


class Child:
    """One process named `name`; its pidfile, log and working folder lie in `folder`."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self.log = folder / f"{name}.log"
        self.pidfile = folder / f"{name}.pid"
        self._warden: subprocess.Popen[bytes] | None = None
        self._grace_seconds = 15.0

    def start(self, order: Order) -> None:
        self.sweep()
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        self._grace_seconds = order.grace_seconds
        with self.log.open("ab") as log:
            self._warden = subprocess.Popen(
                [sys.executable, "-I", "-S", warden.__file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        if self._warden.stdin is not None:
            self._warden.stdin.write(self._order_line(order))
            self._warden.stdin.flush()

    def _order_line(self, order: Order) -> bytes:
        uid, gid = order.user or (None, None)
        return (
            json.dumps(
                {
                    "argv": list(order.argv),
                    "folder": str(self.folder),
                    "env": {**os.environ, **order.env},
                    "log": str(self.log),
                    "pidfile": str(self.pidfile),
                    "stop_signal": int(order.stop_signal),
                    "grace_seconds": order.grace_seconds,
                    "user": uid,
                    "group": gid,
                }
            ).encode()
            + b"\n"
        )

    def running(self) -> bool:
        return self._warden is not None and self._warden.poll() is None

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Polls `ready`; raises PartFailed when the process ends first or the time is over."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.running():
                raise PartFailed(f"{self.name} ended while starting.\n{self.log_tail()}")
            if time.monotonic() > deadline:
                self.stop()
                raise PartFailed(
                    f"{self.name} was not ready in {seconds:.0f} s.\n{self.log_tail()}"
                )
            time.sleep(0.02)

    def stop(self) -> None:
        """Stops it and waits until nothing of it is left. Harmless when it does not run."""
        owned = self._warden
        self._warden = None
        if owned is not None:
            if owned.stdin is not None:
                owned.stdin.close()
            try:
                owned.wait(self._grace_seconds + 5)
            except subprocess.TimeoutExpired:
                owned.kill()
                owned.wait()
        self.sweep()

    def sweep(self) -> None:
        """Ends a process that an earlier owner left, and removes its pidfile."""
        try:
            left = json.loads(self.pidfile.read_text())
        except (OSError, ValueError):
            return
        pid = int(left["pid"])
        for number, seconds in ((left["stop_signal"], 15.0), (signal.SIGKILL, 5.0)):
            if not _is_same(pid, left["started"]):
                break
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            deadline = time.monotonic() + seconds
            while _is_same(pid, left["started"]) and time.monotonic() < deadline:
                time.sleep(0.05)
        self.pidfile.unlink(missing_ok=True)

    def log_tail(self, lines: int = 12) -> str:
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""


def _is_same(pid: int, started: str | None) -> bool:
    return started is not None and warden.started_at(pid) == started
