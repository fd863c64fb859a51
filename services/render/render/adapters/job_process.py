"""A render in a jailed process of its own: started, listened to, killed when it must stop."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson


class ProcessDied(Exception):
    """The process ended without a word: killed, out of memory, or a crash."""


class RenderRefused(Exception):
    """The renderer said why there is no file."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Step:
    """`share` 0–1 of the job; frames are the video's."""

    share: float
    frames_done: int
    frames_total: int
    stage: str


@dataclass(frozen=True)
class FinishedFile:
    """What the renderer made and checked."""

    path: Path
    thumbnail: Path
    mime_type: str
    width: int
    height: int
    duration: float
    file_size: int
    sha256: str


Wrap = Callable[[list[str], Path], list[str]]


async def render_in_process(
    folder: Path, wrap: Wrap, on_step: Callable[[Step], None]
) -> FinishedFile:
    """Runs the renderer on a job folder. Cancelling the task kills the whole process group.

    Raises `RenderRefused`, or `ProcessDied`.
    """
    command = wrap([sys.executable, "-m", "render.renderer", str(folder)], folder)
    with (folder / "complaints.txt").open("wb") as complaints:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=complaints,
            start_new_session=True,
            limit=2**20,
        )
    try:
        said = await _listen(process, on_step)
        await process.wait()
    finally:
        _kill(process)
    if "failed" in said:
        raise RenderRefused(said["failed"]["code"], said["failed"]["message"])
    if "made" not in said:
        tail = (folder / "complaints.txt").read_bytes()[-500:].decode("utf-8", "replace")
        raise ProcessDied(f"exit {process.returncode}: {tail}")
    return _finished(said["made"])


async def _listen(
    process: asyncio.subprocess.Process, on_step: Callable[[Step], None]
) -> dict[str, Any]:
    last: dict[str, Any] = {}
    if process.stdout is None:
        return last
    async for line in process.stdout:
        said: dict[str, Any] = orjson.loads(line)
        if "progress" in said:
            on_step(Step(**said["progress"]))
        else:
            last = said
    return last


def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return  # its number may belong to someone else by now
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _finished(made: dict[str, Any]) -> FinishedFile:
    return FinishedFile(
        path=Path(made["path"]),
        thumbnail=Path(made["thumbnail"]),
        mime_type=made["mime_type"],
        width=made["width"],
        height=made["height"],
        duration=made["duration"],
        file_size=made["file_size"],
        sha256=made["sha256"],
    )
