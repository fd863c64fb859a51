"""`up` in the background, `down`, `status`: one supervisor process per home folder."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from multicanvas.parts import HomeBusy, PartFailed, holding
from multicanvas.parts.embedded import prepare_home
from multicanvas.parts.warden import started_at
from multicanvas.progress import FAILED, READY, Progress, line, read_progress

if TYPE_CHECKING:
    from multicanvas.system import Plan

_PATIENCE_SECONDS = 300.0
_STOP_SECONDS = 60.0


def _state_file(home: Path) -> Path:
    return home / "supervisor.json"


def _progress_file(home: Path) -> Path:
    return home / "progress.jsonl"


def log_file(home: Path) -> Path:
    return home / "multicanvas.log"


def running_state(home: Path) -> dict[str, Any] | None:
    """`{pid, started, url, split}` of the supervisor that runs here, or None."""
    try:
        state: dict[str, Any] = json.loads(_state_file(home).read_text())
    except (OSError, ValueError):
        return None
    if started_at(int(state["pid"])) != state["started"] or state["started"] is None:
        return None
    return state


def run_here(plan: "Plan") -> int:
    """Runs the system in this process until SIGTERM or SIGINT. Returns the exit code."""
    home = plan.site.home
    prepare_home(home)
    # Not at the top: `status` and `down` must answer at once.
    from runtime import logs

    logs.configure(os.environ.get("MULTICANVAS_LOG_LEVEL", "INFO"))
    try:
        with holding(home):
            progress = Progress(_progress_file(home))
            _write_state(plan)
            try:
                _run(plan, progress)
            except Exception as error:
                # Whoever waits for us reads the progress, not this process's output.
                kind = "" if isinstance(error, PartFailed) else f"{type(error).__name__}: "
                progress.failed(f"{kind}{error}")
                raise
            finally:
                _state_file(home).unlink(missing_ok=True)
    except HomeBusy as busy:
        print(busy, file=sys.stderr)
        return 1
    return 0


def _run(plan: "Plan", progress: Progress) -> None:
    from multicanvas.system import run_system

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await run_system(plan, progress, stop)

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(main())


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    import uvloop  # not on every platform that can run `doctor`

    return uvloop.new_event_loop


def _write_state(plan: "Plan") -> None:
    pid = os.getpid()
    state = {"pid": pid, "started": started_at(pid), "url": plan.site.public_url}
    _state_file(plan.site.home).write_text(json.dumps(state | {"split": plan.split}))


def start_in_background(plan: "Plan") -> int:
    """Starts a supervisor that outlives us and shows its progress until it is ready or failed."""
    home = plan.site.home
    prepare_home(home)
    state = running_state(home)
    if state is not None:
        print(f"already running: {state['url']} (pid {state['pid']})")
        return 0
    _progress_file(home).unlink(missing_ok=True)
    argv = [sys.executable, "-m", "multicanvas", "up", "--foreground"]
    argv += ["--port", str(plan.site.port), "--host", plan.site.host]
    argv += ["--split"] if plan.split else []
    with log_file(home).open("ab") as log:
        supervisor = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "MULTICANVAS_HOME": str(home)},
        )
    return _follow(home, supervisor)


def _follow(home: Path, supervisor: subprocess.Popen[bytes]) -> int:
    shown = 0
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        ended = supervisor.poll() is not None
        for kind, seconds, text in read_progress(_progress_file(home), shown):
            shown += 1
            print(line(seconds, text), flush=True)
            if kind == READY:
                return 0
            if kind == FAILED:
                print(f"the log is {log_file(home)}", file=sys.stderr)
                supervisor.wait()
                return 1
        if ended:
            print(f"the system ended while starting; its log: {log_file(home)}", file=sys.stderr)
            return 1
        time.sleep(0.05)
    print(f"not ready after {_PATIENCE_SECONDS:.0f} s; see {log_file(home)}", file=sys.stderr)
    return 1


def stop_background(home: Path) -> int:
    """Stops the supervisor and waits until it and its parts are gone."""
    state = running_state(home)
    if state is None:
        print("not running")
        return 0
    pid = int(state["pid"])
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while started_at(pid) == state["started"]:
        if time.monotonic() > deadline:
            # Its wardens notice and stop the parts.
            os.kill(pid, signal.SIGKILL)
            print("it did not stop in time and was killed", file=sys.stderr)
            return 1
        time.sleep(0.05)
    print("stopped; the data is kept")
    return 0
