"""What every part has in common."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Check:
    """One line of the doctor. `fix` says what to do where `ok` is false."""

    name: str
    ok: bool
    found: str
    fix: str = ""
    needed: bool = True


class Part(Protocol):
    """A server we run. `start` returns its endpoint once it answers; `stop` leaves no process."""

    name: str

    def start(self) -> str: ...

    def stop(self) -> None: ...

    def running(self) -> bool: ...

    @staticmethod
    def check() -> Check: ...
