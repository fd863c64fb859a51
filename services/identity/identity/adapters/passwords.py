"""Password hashing: argon2id in a bounded pool, so that sign-ins cannot starve the event loop."""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from runtime.problems import Unavailable

SHORTEST = 8
LONGEST = 128

T = TypeVar("T")

_MEMORY_KIB = 19 * 1024
_WAITING_PER_THREAD = 32


class Passwords:
    """Hashes and compares. Raises `Unavailable` (503) when too many already wait for a thread."""

    def __init__(self, threads: int = 2) -> None:
        self._hasher = PasswordHasher(
            time_cost=2, memory_cost=_MEMORY_KIB, parallelism=1, type=Type.ID
        )
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="passwords")
        self._room = threads * (_WAITING_PER_THREAD + 1)
        # Compared with when nobody has the address, so that both answers take equally long.
        self._nobody = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """An argon2id string with its own salt."""
        return await self._run(partial(self._hasher.hash, _normal(password)))

    async def matches(self, hashed: str | None, password: str) -> bool:
        """Whether it is the password; `hashed` None costs the same time and is False."""
        right = await self._run(partial(self._verify, hashed or self._nobody, _normal(password)))
        return right and hashed is not None

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._room <= 0:
            raise Unavailable("Too many people are signing in at once.", retry_after_seconds=1)
        self._room -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._room += 1


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
