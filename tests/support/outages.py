"""Takes parts of a running system away: hung (SIGSTOP, still there, silent) or dead (SIGKILL)."""

import contextlib
import json
import os
import signal
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from multicanvas.demo.client import Gateway


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: Any
    text: str


async def ask(gateway: Gateway, method: str, path: str, body: Any = None) -> Answer:
    """One call, whatever is answered; a broken connection to the gateway itself raises."""
    async with gateway._send(method, path, json=body) as answer:
        text = await answer.text()
        told = json.loads(text) if text and "json" in answer.content_type else None
        return Answer(answer.status, answer.headers, told, text)


def says_try_again(answer: Answer) -> None:
    """503 as a problem with Retry-After, and not a word about our insides."""
    assert answer.status == 503, answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert 1 <= int(answer.headers["Retry-After"]) <= 30
    assert answer.body["type"] == "/problems/unavailable"
    assert answer.body["traceId"]
    assert "Traceback" not in answer.text
    assert ".py" not in answer.text


def _processes(pidfile: Path) -> list[int]:
    """The part's process and all below it: PostgreSQL works in children of its own."""
    found = [int(json.loads(pidfile.read_text())["pid"])]
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            parents.setdefault(int(fields[1]), []).append(int(stat.parts[2]))
    for pid in found:
        found.extend(parents.get(pid, []))
    return found


@contextlib.contextmanager
def hung(home: Path, part: str) -> Generator[None]:
    """Inside the block the part listens and says nothing. Nobody starts it again: it lives."""
    pids = _processes(home / f"{part}.pid")
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def kill(home: Path, part: str) -> None:
    """The part dies at once; the supervisor starts it again within seconds."""
    os.kill(_processes(home / f"{part}.pid")[0], signal.SIGKILL)
