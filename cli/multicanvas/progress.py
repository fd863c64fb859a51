"""One line per slow step, for the person who waits."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

READY: Final = "ready"
FAILED: Final = "failed"


class Progress:
    """Prints steps, and writes them to `file` for a caller who started us in the background."""

    def __init__(self, file: Path | None, *, quiet: bool = False) -> None:
        self._file = file
        self._quiet = quiet
        self._began = time.monotonic()
        if file is not None:
            file.write_text("")

    def step(self, text: str) -> None:
        self._say("step", text)

    def ready(self, text: str) -> None:
        self._say(READY, text)

    def failed(self, text: str) -> None:
        self._say(FAILED, text)

    def _say(self, kind: str, text: str) -> None:
        seconds = time.monotonic() - self._began
        if not self._quiet:
            print(line(seconds, text), flush=True)
        if self._file is not None:
            with self._file.open("a") as out:
                out.write(json.dumps([kind, seconds, text]) + "\n")


def line(seconds: float, text: str) -> str:
    return f"{seconds:6.1f} s  {text}"


def read_progress(file: Path, already: int) -> Iterator[tuple[str, float, str]]:
    """(kind, seconds, text) of each complete line after the first `already`."""
    try:
        written = file.read_text()
    except FileNotFoundError:
        return
    for text in written[: written.rfind("\n") + 1].splitlines()[already:]:
        kind, seconds, said = json.loads(text)
        yield kind, seconds, said
