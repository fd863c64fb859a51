"""Runs ffmpeg: jailed, limited, watched, stopped when asked."""

import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from render.renderer.errors import Cancelled, RenderFailure
from render.renderer.jail import Jail, limits
from render.renderer.tools import FFMPEG

_TAIL = 2000


def run_ffmpeg(
    arguments: Sequence[str],
    *,
    jail: Jail,
    folder: Path,
    readable: Sequence[Path],
    on_frame: Callable[[int], None],
    stop: threading.Event | None = None,
) -> None:
    """Runs to the end; tells the frames done about twice a second.

    Raises `Cancelled` when `stop` was set, `RenderFailure` when ffmpeg fails.
    """
    command = [str(FFMPEG), "-hide_banner", "-nostdin", "-y", "-v", "error"]
    command += ["-progress", "pipe:1", "-stats_period", "0.5", *arguments]
    wrapped = jail.wrap(command, folder=folder, readable=[FFMPEG.parent, *readable])
    with tempfile.TemporaryFile() as complaints:
        running = subprocess.Popen(  # noqa: S603 - our own command line
            wrapped, stdout=subprocess.PIPE, stderr=complaints, text=True, preexec_fn=limits()
        )
        ended = threading.Event()
        if stop is not None:
            watcher = threading.Thread(target=_watch, args=(running, stop, ended), daemon=True)
            watcher.start()
        try:
            _follow(running, on_frame)
        finally:
            ended.set()
            running.kill()
            code = running.wait()
        if stop is not None and stop.is_set():
            raise Cancelled("The export was cancelled.")
        if code != 0:
            raise RenderFailure(f"The video could not be encoded: {_last(complaints)}")


def _watch(running: "subprocess.Popen[str]", stop: threading.Event, ended: threading.Event) -> None:
    while not ended.is_set():
        if stop.wait(0.1):
            running.kill()
            return


def _follow(running: "subprocess.Popen[str]", on_frame: Callable[[int], None]) -> None:
    if running.stdout is None:
        return
    for line in running.stdout:
        name, _, value = line.strip().partition("=")
        if name == "frame" and value.strip().isdigit():
            on_frame(int(value))
    running.wait()


def _last(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    text = complaints.read().decode("utf-8", "replace")
    return text[-_TAIL:].strip() or "no reason given"
