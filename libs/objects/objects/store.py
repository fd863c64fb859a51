"""What every object store can do, and how it says that it cannot."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

MEDIA = "multicanvas-media"
PROJECTS = "multicanvas-projects"
AI = "multicanvas-ai"
RENDER = "multicanvas-render"

BUCKETS = (MEDIA, PROJECTS, AI, RENDER)


class ObjectMissing(LookupError):
    """No object of that key."""


class StoreUnavailable(ConnectionError):
    """The object store does not answer; asking again later may help."""


@dataclass(frozen=True)
class Upload:
    """How a client uploads without us in between.

    `method` POST: a multipart form of `fields`, then the file as `file`. `method` PUT: the bytes as
    the body with `headers`. Larger files and other types are refused by the store.
    """

    url: str
    method: str
    fields: dict[str, str] = field(default_factory=dict[str, str])
    headers: dict[str, str] = field(default_factory=dict[str, str])


class ObjectStore(Protocol):
    """Buckets of objects. `provider`: `s3` or `local`. Every method may raise StoreUnavailable."""

    @property
    def provider(self) -> str: ...

    async def put(self, bucket: str, key: str, data: bytes | Path, content_type: str) -> None:
        """Store the bytes, or the file at a path; replaces what was there, never half."""
        ...

    async def get(self, bucket: str, key: str) -> bytes:
        """The whole object. Raises ObjectMissing."""
        ...

    async def fetch(self, bucket: str, key: str, to: Path) -> None:
        """The object as a file, there only once complete. Raises ObjectMissing."""
        ...

    async def size(self, bucket: str, key: str) -> int | None:
        """Bytes; None when there is no such object."""
        ...

    async def delete(self, bucket: str, key: str) -> None:
        """Remove it; nothing happens when it is not there."""
        ...

    async def delete_prefix(self, bucket: str, prefix: str) -> int:
        """Remove every object whose key starts with `prefix` (not empty); returns how many."""
        ...

    async def ensure_bucket(self, bucket: str) -> None:
        """Make the bucket unless it is there."""
        ...

    def sign_get(
        self, bucket: str, key: str, *, seconds: int = 300, download_as: str | None = None
    ) -> str:
        """A URL that reads this object for `seconds`; `download_as` names it as a download."""
        ...

    def sign_upload(
        self, bucket: str, key: str, *, content_type: str, max_bytes: int, seconds: int = 900
    ) -> Upload:
        """How to upload exactly this key, of this type, up to this size, for `seconds`."""
        ...


def checked_key(key: str) -> str:
    """The key. Raises `ValueError` for one that could lead out of its bucket."""
    parts = key.split("/")
    if not key or len(key.encode()) > 900 or "\\" in key or not key.isprintable():
        raise ValueError("not an object key")
    if any(part in ("", ".", "..") for part in parts):
        raise ValueError("not an object key")
    return key


def attachment(file_name: str) -> str:
    """A Content-Disposition that saves under this name in every browser (RFC 6266)."""
    name = "".join(sign for sign in file_name if sign.isprintable() and sign not in '/\\"')[:150]
    plain = name.encode("ascii", "ignore").decode().strip() or "download"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name or plain, safe='')}"
