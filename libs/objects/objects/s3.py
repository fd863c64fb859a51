"""Any S3 server, through the MinIO SDK in threads of its own."""

import asyncio
import io
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.datatypes import PostPolicy
from minio.deleteobjects import DeleteObject
from minio.error import MinioException, S3Error

from objects.store import ObjectMissing, StoreUnavailable, Upload, attachment, checked_key

T = TypeVar("T")

_MISSING = frozenset({"NoSuchKey", "NoSuchObject", "NoSuchBucket", "ResourceNotFound"})
_THERE = frozenset({"BucketAlreadyOwnedByYou", "BucketAlreadyExists"})
_AWAY = frozenset({"SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout"})


class S3Store:
    """One S3 server. URLs are signed for `public_endpoint`, its address as browsers see it."""

    provider = "s3"

    def __init__(
        self,
        endpoint: str,
        access_key: str,
        secret_key: str,
        *,
        public_endpoint: str | None = None,
        region: str = "us-east-1",
    ) -> None:
        self._public = (public_endpoint or endpoint).rstrip("/")
        self._client = _client(endpoint, access_key, secret_key, region)
        # With a region the SDK signs offline; without one it asks the server where a bucket is.
        self._signing = _client(self._public, access_key, secret_key, region)
        self._threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="s3")

    async def put(self, bucket: str, key: str, data: bytes | Path, content_type: str) -> None:
        checked_key(key)
        if isinstance(data, Path):
            await self._run(
                lambda: self._client.fput_object(bucket, key, str(data), content_type=content_type)
            )
        else:
            await self._run(
                lambda: self._client.put_object(
                    bucket, key, io.BytesIO(data), len(data), content_type=content_type
                )
            )

    async def get(self, bucket: str, key: str) -> bytes:
        return await self._run(lambda: self._read(bucket, key))

    async def fetch(self, bucket: str, key: str, to: Path) -> None:
        await self._run(lambda: self._client.fget_object(bucket, key, str(to)))

    async def size(self, bucket: str, key: str) -> int | None:
        try:
            return (await self._run(lambda: self._client.stat_object(bucket, key))).size
        except ObjectMissing:
            return None

    async def delete(self, bucket: str, key: str) -> None:
        try:
            await self._run(lambda: self._client.remove_object(bucket, key))
        except ObjectMissing:
            return

    async def delete_prefix(self, bucket: str, prefix: str) -> int:
        if not prefix:
            raise ValueError("an empty prefix would empty the bucket")
        return await self._run(lambda: self._remove_all(bucket, prefix))

    async def ensure_bucket(self, bucket: str) -> None:
        await self._run(lambda: self._make_bucket(bucket))

    def sign_get(
        self, bucket: str, key: str, *, seconds: int = 300, download_as: str | None = None
    ) -> str:
        headers: dict[str, str | list[str] | tuple[str]] = {}
        if download_as is not None:
            headers["response-content-disposition"] = attachment(download_as)
        return self._signing.presigned_get_object(
            bucket,
            checked_key(key),
            expires=timedelta(seconds=seconds),
            response_headers=headers or None,
        )

    def sign_upload(
        self, bucket: str, key: str, *, content_type: str, max_bytes: int, seconds: int = 900
    ) -> Upload:
        policy = PostPolicy(bucket, datetime.now(UTC) + timedelta(seconds=seconds))
        policy.add_equals_condition("key", checked_key(key))
        policy.add_equals_condition("Content-Type", content_type)
        policy.add_content_length_range_condition(1, max_bytes)
        fields = self._signing.presigned_post_policy(policy)
        return Upload(
            url=f"{self._public}/{bucket}",
            method="POST",
            fields={"key": key, "Content-Type": content_type, **fields},
        )

    async def _run(self, work: Callable[[], T]) -> T:
        def translated() -> T:
            with _errors():
                return work()

        return await asyncio.get_running_loop().run_in_executor(self._threads, translated)

    def _read(self, bucket: str, key: str) -> bytes:
        response = self._client.get_object(bucket, key)
        try:
            return response.read()
        finally:
            response.close()
            response.release_conn()

    def _remove_all(self, bucket: str, prefix: str) -> int:
        found = [
            DeleteObject(item.object_name)
            for item in self._client.list_objects(bucket, prefix=prefix, recursive=True)
            if item.object_name
        ]
        for error in self._client.remove_objects(bucket, found):
            raise StoreUnavailable(f"could not delete: {error.code}")
        return len(found)

    def _make_bucket(self, bucket: str) -> None:
        if self._client.bucket_exists(bucket):
            return
        try:
            self._client.make_bucket(bucket)
        except S3Error as error:
            # Another starter was faster.
            if error.code not in _THERE:
                raise


def _client(endpoint: str, access_key: str, secret_key: str, region: str) -> Minio:
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/"):
        raise ValueError("an S3 endpoint is http(s)://host[:port]")
    pool = urllib3.PoolManager(
        # Seconds of silence, not of transfer: a server that hangs must not hold a request for long.
        timeout=urllib3.Timeout(connect=2, read=5),
        maxsize=8,
        retries=urllib3.Retry(
            total=2, read=1, backoff_factor=0.1, status_forcelist=[500, 502, 503, 504]
        ),
    )
    return Minio(
        parts.netloc,
        access_key=access_key,
        secret_key=secret_key,
        secure=parts.scheme == "https",
        region=region,
        http_client=pool,
    )


@contextmanager
def _errors() -> Generator[None]:
    try:
        yield
    except S3Error as error:
        if error.code in _MISSING:
            raise ObjectMissing(error.object_name or "") from error
        if error.code in _AWAY:
            raise StoreUnavailable(f"object store: {error.code}") from error
        raise
    except (urllib3.exceptions.HTTPError, MinioException) as error:
        raise StoreUnavailable(f"object store: {type(error).__name__}") from error
