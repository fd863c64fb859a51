"""The protocol that every provider keeps, and the one set of reasons why a call may fail."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, Protocol

Code = Literal[
    "validation",
    "auth",
    "quota",
    "rateLimit",
    "safety",
    "provider",
    "timeout",
    "notFound",
    "serverError",
    "connection",
    "aborted",
    "unknown",
]
RETRYABLE: frozenset[Code] = frozenset({"rateLimit", "timeout", "serverError", "connection"})


class ProviderFailed(Exception):
    """A call gave no result. `message` is safe to show: it never holds a key or a raw body."""

    def __init__(self, code: Code, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after_seconds = retry_after_seconds

    @property
    def is_refusal(self) -> bool:
        """The provider will not answer this request, however often it is asked."""
        return self.code in ("safety", "validation")

    @property
    def is_retryable(self) -> bool:
        return self.code in RETRYABLE


@dataclass(frozen=True)
class TextRequest:
    """What to write. `context` has the seed's members: platform, contentType, tone …"""

    prompt: str
    context: dict[str, Any]
    model: str
    alternatives: int = 2
    seed: int = 0


@dataclass(frozen=True)
class TextResult:
    """`cost` in US dollars, None when unknown (which is not the same as free)."""

    text: str
    alternatives: tuple[str, ...] = ()
    tokens_used: int | None = None
    cost: Decimal | None = None


@dataclass(frozen=True)
class ImageRequest:
    """What to paint. Sizes in pixels; `seed` makes builtin images repeatable."""

    prompt: str
    width: int
    height: int
    model: str
    negative_prompt: str | None = None
    style: str | None = None
    seed: int | None = None
    steps: int | None = None
    guidance: float | None = None


@dataclass(frozen=True)
class ImageResult:
    """Encoded images, the first is the result. `cost` as in TextResult."""

    images: tuple[bytes, ...]
    mime_type: str
    width: int
    height: int
    seed: int | None = None
    cost: Decimal | None = None


class TextProvider(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def models(self) -> Sequence[str]: ...

    async def write(self, request: TextRequest) -> TextResult:
        """Raises ProviderFailed."""
        ...


class ImageProvider(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def models(self) -> Sequence[str]: ...

    async def paint(self, request: ImageRequest) -> ImageResult:
        """Raises ProviderFailed."""
        ...
