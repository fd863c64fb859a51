"""Probe an untrusted file in a jailed child process; the parent never decodes it."""

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from runtime.jail import Jail, python_folders

DEADLINE_SECONDS = 60.0
ENVIRONMENT = {"OMP_THREAD_LIMIT": "1"}


class FileRefused(Exception):
    """The file is not what it says, or not allowed; the message says why."""


@dataclass(frozen=True)
class Probed:
    """What a file is. Sizes in pixels, duration in seconds; paths lie in the job's folder."""

    width: int | None
    height: int | None
    duration: float | None
    has_audio: bool
    clean: Path | None
    thumbnail: Path | None


async def probe(path: Path, mime_type: str, folder: Path, jail: Jail) -> Probed:
    """Inside only `folder` can be written, and little else be seen. Raises FileRefused with the
    reason, also when the child died or took too long."""
    job = ["-m", "media.adapters.probe_child", mime_type, str(path), str(folder)]
    command = jail.wrap(
        [sys.executable, *job],
        folder=folder,
        readable=[*python_folders("media"), path],
        environment=ENVIRONMENT,
    )
    child = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", **ENVIRONMENT},
    )
    try:
        output, _ = await asyncio.wait_for(child.communicate(), DEADLINE_SECONDS)
    except TimeoutError:
        child.kill()
        await child.wait()
        raise FileRefused("it took too long to read") from None
    found = _answer(output)
    if child.returncode != 0:
        raise FileRefused(str(found.get("refused", "it could not be read within our limits")))
    return Probed(
        width=found.get("width"),
        height=found.get("height"),
        duration=found.get("duration"),
        has_audio=bool(found.get("hasAudio", False)),
        clean=next(iter(folder.glob("clean.*")), None),
        thumbnail=next(iter(folder.glob("thumbnail.webp")), None),
    )


def _answer(output: bytes) -> dict[str, Any]:
    try:
        answer: object = json.loads(output or b"{}")
    except ValueError:
        return {}
    return cast(dict[str, Any], answer) if isinstance(answer, dict) else {}
