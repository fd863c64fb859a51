"""A local folder as an object store, for one machine: its files are served by the gateway."""

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterable, Callable
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import quote, urlencode

from objects.store import ObjectMissing, Upload, checked_key

T = TypeVar("T")

PATH_PREFIX = "/v1/files/"


class TooLarge(ValueError):
    """More bytes came than were allowed; nothing was kept."""


class Signer(Protocol):
    """Signs a method, a path, an expiry and further bound text (`runtime.signing.PathSigner`)."""

    def sign(self, method: str, path: str, *, seconds: int, bound: str = "") -> object: ...

    def verify(
        self, method: str, path: str, *, exp: str, kid: str, sig: str, bound: str = ""
    ) -> None: ...


class LocalStore:
    """Objects under `root/<bucket>/data/<key>`, their content types under `…/types/<key>`.

    `public_url` is the gateway's; its router `objects.files.files_router` serves the signed URLs.
    """

    provider = "local"

    def __init__(self, root: Path, public_url: str, signer: Signer) -> None:
        self._root = root.resolve()
        self._public_url = public_url.rstrip("/")
        self.signer = signer

    async def put(self, bucket: str, key: str, data: bytes | Path, content_type: str) -> None:
        await asyncio.to_thread(self._write, bucket, key, data, content_type)

    async def put_stream(
        self,
        bucket: str,
        key: str,
        chunks: AsyncIterable[bytes],
        content_type: str,
        max_bytes: int,
    ) -> int:
        """Store what comes in, up to `max_bytes`; returns the size. Raises TooLarge."""
        path = self._data(bucket, key)
        part = await asyncio.to_thread(_part_of, path)
        try:
            size = await _receive(part, chunks, max_bytes)
            await asyncio.to_thread(self._settle, part, path, bucket, key, content_type)
            return size
        finally:
            part.unlink(missing_ok=True)

    async def get(self, bucket: str, key: str) -> bytes:
        return await _reading(self._data(bucket, key).read_bytes, key)

    async def fetch(self, bucket: str, key: str, to: Path) -> None:
        source = self._data(bucket, key)

        def copy() -> None:
            part = _part_of(to)
            try:
                shutil.copyfile(source, part)
                part.replace(to)
            finally:
                part.unlink(missing_ok=True)

        await _reading(copy, key)

    async def size(self, bucket: str, key: str) -> int | None:
        path = self._data(bucket, key)
        return await asyncio.to_thread(lambda: path.stat().st_size if path.is_file() else None)

    async def delete(self, bucket: str, key: str) -> None:
        await asyncio.to_thread(self._remove, bucket, key)

    async def delete_prefix(self, bucket: str, prefix: str) -> int:
        if not prefix:
            raise ValueError("an empty prefix would empty the bucket")
        return await asyncio.to_thread(self._remove_all, bucket, prefix)

    async def ensure_bucket(self, bucket: str) -> None:
        path = self._bucket(bucket) / "data"
        await asyncio.to_thread(path.mkdir, parents=True, exist_ok=True)

    def sign_get(
        self, bucket: str, key: str, *, seconds: int = 300, download_as: str | None = None
    ) -> str:
        path = path_of(bucket, key)
        signed = self.signer.sign("GET", path, seconds=seconds, bound=download_as or "")
        extra = "" if download_as is None else "&" + urlencode({"as": download_as})
        return f"{self._public_url}{quote(path)}?{signed}{extra}"

    def sign_upload(
        self, bucket: str, key: str, *, content_type: str, max_bytes: int, seconds: int = 900
    ) -> Upload:
        path = path_of(bucket, key)
        bound = upload_bound(content_type, max_bytes)
        signed = self.signer.sign("PUT", path, seconds=seconds, bound=bound)
        extra = urlencode({"type": content_type, "max": max_bytes})
        return Upload(
            url=f"{self._public_url}{quote(path)}?{signed}&{extra}",
            method="PUT",
            headers={"Content-Type": content_type},
        )

    def file(self, bucket: str, key: str) -> tuple[Path, str]:
        """Where the object lies, and its content type. Raises ObjectMissing."""
        path = self._data(bucket, key)
        if not path.is_file():
            raise ObjectMissing(key)
        kind = self._bucket(bucket) / "types" / key
        return path, kind.read_text() if kind.is_file() else "application/octet-stream"

    def _bucket(self, bucket: str) -> Path:
        if not bucket.replace("-", "").isalnum() or not bucket.isascii():
            raise ValueError("not a bucket's name")
        return self._root / bucket

    def _data(self, bucket: str, key: str) -> Path:
        folder = self._bucket(bucket) / "data"
        path = folder / checked_key(key)
        # The real path: a symbolic link inside the folder must not lead out of it.
        if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
            raise ValueError("not an object key")
        return path

    def _write(self, bucket: str, key: str, data: bytes | Path, content_type: str) -> None:
        path = self._data(bucket, key)
        part = _part_of(path)
        try:
            if isinstance(data, Path):
                shutil.copyfile(data, part)
            else:
                part.write_bytes(data)
            self._settle(part, path, bucket, key, content_type)
        finally:
            part.unlink(missing_ok=True)

    def _settle(self, part: Path, path: Path, bucket: str, key: str, content_type: str) -> None:
        kind = self._bucket(bucket) / "types" / key
        kind.parent.mkdir(parents=True, exist_ok=True)
        kind.write_text(content_type)
        part.replace(path)

    def _remove(self, bucket: str, key: str) -> None:
        self._data(bucket, key).unlink(missing_ok=True)
        (self._bucket(bucket) / "types" / key).unlink(missing_ok=True)

    def _remove_all(self, bucket: str, prefix: str) -> int:
        folder = self._bucket(bucket) / "data"
        keys = [
            path.relative_to(folder).as_posix()
            for path in folder.rglob("*")
            if path.is_file() and not path.is_symlink()
        ]
        found = [key for key in keys if key.startswith(prefix)]
        for key in found:
            self._remove(bucket, key)
        return len(found)


def path_of(bucket: str, key: str) -> str:
    """The path that serves an object, not percent-encoded: this is what is signed."""
    return f"{PATH_PREFIX}{bucket}/{checked_key(key)}"


def upload_bound(content_type: str, max_bytes: int) -> str:
    """What an upload's signature binds besides method, path and expiry."""
    return f"{content_type}|{max_bytes}"


def _part_of(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(f".{secrets.token_hex(8)}.part")


async def _receive(part: Path, chunks: AsyncIterable[bytes], max_bytes: int) -> int:
    size = 0
    with part.open("wb") as file:
        async for chunk in chunks:
            size += len(chunk)
            if size > max_bytes:
                raise TooLarge(f"more than {max_bytes} bytes")
            await asyncio.to_thread(file.write, chunk)
    return size


async def _reading(work: Callable[[], T], key: str) -> T:
    try:
        return await asyncio.to_thread(work)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise ObjectMissing(key) from None
