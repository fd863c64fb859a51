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
    """A server we run. `claim` ends what an earlier owner left, chooses the ports and returns the
    endpoint; `start` does that too and returns it once the server answers there; `stop` leaves no
    process. The endpoint stays the same as long as the object lives."""

    name: str

    def claim(self) -> str: ...

    def start(self) -> str: ...

    def stop(self) -> None: ...

    def running(self) -> bool: ...

    @staticmethod
    def check() -> Check: ...
