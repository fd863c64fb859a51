"""Chance that can be repeated: the same words always give the same stream of numbers."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """A stream of 64-bit numbers drawn from a digest of its inputs, stable across versions."""

    def __init__(self, *inputs: object) -> None:
        text = "\x1f".join(str(part) for part in inputs).encode()
        self._key = hashlib.blake2b(text, digest_size=32).digest()
        self._numbers = self._stream()

    def _stream(self) -> Iterator[int]:
        counter = 0
        while True:
            block = hashlib.blake2b(counter.to_bytes(8, "big"), key=self._key).digest()
            for start in range(0, len(block), 8):
                yield int.from_bytes(block[start : start + 8], "big")
            counter += 1

    def below(self, limit: int) -> int:
        return next(self._numbers) % limit

    def share(self) -> float:
        """A number from 0 up to, not including, 1."""
        return next(self._numbers) / 2**64

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.share()

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.below(len(choices))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        rest = list(items)
        out: list[T] = []
        while rest:
            out.append(rest.pop(self.below(len(rest))))
        return out
