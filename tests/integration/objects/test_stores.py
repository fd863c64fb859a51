"""The same promises from both stores: a real S3 server, and a local folder behind its routes."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio
import uvicorn

from multicanvas.parts import S3Endpoint
from objects import LocalStore, ObjectMissing, ObjectStore, S3Store, StoreUnavailable, Upload
from objects.files import files_router
from runtime.http import create_app
from runtime.ids import uuid7
from runtime.signing import PathSigner

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


@dataclass(frozen=True)
class Kept:
    store: ObjectStore
    bucket: str


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStore]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        root = tmp_path_factory.mktemp("files")
        store = LocalStore(root, url, PathSigner.from_secret("s" * 32))
        app = create_app("gateway", title="Gateway")
        app.include_router(files_router(store))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve([listening]))
        while not server.started:  # noqa: ASYNC110 - uvicorn offers no event for it
            await asyncio.sleep(0.01)
        yield store
        server.should_exit = True
        await serving


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=["s3", "local"])
async def kept(
    request: pytest.FixtureRequest, s3: S3Endpoint, gateway: LocalStore
) -> AsyncIterator[Kept]:
    store: ObjectStore = gateway
    if request.param == "s3":
        store = S3Store(s3.endpoint, s3.access_key, s3.secret_key)
    bucket = f"t-objects-{os.urandom(4).hex()}"
    await store.ensure_bucket(bucket)
    yield Kept(store, bucket)
    await store.delete_prefix(bucket, "t/")


def new_key() -> str:
    return f"t/{uuid7()}/photo é.png"


@dataclass(frozen=True)
class Got:
    status: int
    headers: dict[str, str]
    body: bytes


async def get(url: str, **headers: str) -> Got:
    async with aiohttp.ClientSession() as client, client.get(url, headers=headers) as answer:
        told = {name.lower(): value for name, value in answer.headers.items()}
        return Got(answer.status, told, await answer.read())


async def send(upload: Upload, data: bytes, **changed: str) -> int:
    async with aiohttp.ClientSession() as client:
        if upload.method == "PUT":
            headers = {**upload.headers, **changed}
            async with client.put(upload.url, data=data, headers=headers) as answer:
                return answer.status
        form = aiohttp.FormData()
        for name, value in {**upload.fields, **changed}.items():
            form.add_field(name, value)
        form.add_field("file", data, filename="x")
        async with client.post(upload.url, data=form) as answer:
            return answer.status


async def test_what_was_put_is_got(kept: Kept, tmp_path: Path) -> None:
    key = new_key()
    await kept.store.put(kept.bucket, key, PNG, "image/png")
    assert await kept.store.get(kept.bucket, key) == PNG
    assert await kept.store.size(kept.bucket, key) == len(PNG)
    await kept.store.fetch(kept.bucket, key, tmp_path / "copy.png")
    assert (tmp_path / "copy.png").read_bytes() == PNG
    (tmp_path / "other.png").write_bytes(b"other")
    await kept.store.put(kept.bucket, key, tmp_path / "other.png", "image/png")
    assert await kept.store.get(kept.bucket, key) == b"other"


async def test_what_is_not_there_is_missing(kept: Kept, tmp_path: Path) -> None:
    key = new_key()
    assert await kept.store.size(kept.bucket, key) is None
    with pytest.raises(ObjectMissing):
        await kept.store.get(kept.bucket, key)
    with pytest.raises(ObjectMissing):
        await kept.store.fetch(kept.bucket, key, tmp_path / "none")
    assert not list(tmp_path.iterdir())
    await kept.store.delete(kept.bucket, key)


async def test_a_prefix_is_deleted_and_nothing_beside_it(kept: Kept) -> None:
    folder = f"t/{uuid7()}"
    for name in ("a/1", "a/2/3", "ab"):
        await kept.store.put(kept.bucket, f"{folder}/{name}", b"x", "text/plain")
    assert await kept.store.delete_prefix(kept.bucket, f"{folder}/a/") == 2
    assert await kept.store.size(kept.bucket, f"{folder}/a/1") is None
    assert await kept.store.size(kept.bucket, f"{folder}/ab") == 1
    with pytest.raises(ValueError, match="empty"):
        await kept.store.delete_prefix(kept.bucket, "")


async def test_a_bucket_is_made_by_many_at_once(kept: Kept) -> None:
    name = f"t-many-{os.urandom(4).hex()}"
    await asyncio.gather(*(kept.store.ensure_bucket(name) for _ in range(6)))
    await kept.store.put(name, "a", b"x", "text/plain")
    await kept.store.delete(name, "a")


async def test_a_signed_url_reads_with_type_and_ranges(kept: Kept) -> None:
    key = new_key()
    await kept.store.put(kept.bucket, key, PNG, "image/png")
    url = kept.store.sign_get(kept.bucket, key)
    whole = await get(url)
    assert (whole.status, whole.body) == (200, PNG)
    assert whole.headers["content-type"] == "image/png"
    part = await get(url, Range="bytes=8-11")
    assert (part.status, part.body) == (206, PNG[8:12])


async def test_a_download_has_the_name_it_was_given(kept: Kept) -> None:
    key = new_key()
    await kept.store.put(kept.bucket, key, PNG, "image/png")
    answer = await get(kept.store.sign_get(kept.bucket, key, download_as="Größe 1.png"))
    assert answer.status == 200
    assert "filename*=UTF-8''Gr%C3%B6%C3%9Fe%201.png" in answer.headers["content-disposition"]
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_without_or_after_its_signature_nothing_is_read(kept: Kept) -> None:
    key = new_key()
    await kept.store.put(kept.bucket, key, PNG, "image/png")
    url = kept.store.sign_get(kept.bucket, key, seconds=1)
    other = kept.store.sign_get(kept.bucket, f"{key}.other")
    bare = urlsplit(url)._replace(query="").geturl()
    swapped = urlsplit(url)._replace(query=urlsplit(other).query).geturl()
    for refused in (bare, swapped, url + "0"):
        answer = await get(refused)
        assert answer.status in (403, 404), refused
        assert PNG not in answer.body
    await asyncio.sleep(2.1)
    assert (await get(url)).status in (403, 404)


async def test_a_client_uploads_by_itself(kept: Kept) -> None:
    key = new_key()
    upload = kept.store.sign_upload(kept.bucket, key, content_type="image/png", max_bytes=len(PNG))
    assert await send(upload, PNG) in (200, 201, 204)
    assert await kept.store.get(kept.bucket, key) == PNG
    answer = await get(kept.store.sign_get(kept.bucket, key))
    assert answer.headers["content-type"] == "image/png"


async def test_an_upload_too_large_leaves_nothing(kept: Kept) -> None:
    key = new_key()
    upload = kept.store.sign_upload(kept.bucket, key, content_type="image/png", max_bytes=100)
    assert await send(upload, b"x" * 101) in (400, 403, 413)
    assert await kept.store.size(kept.bucket, key) is None


async def test_an_upload_of_another_type_is_refused(kept: Kept) -> None:
    key = new_key()
    upload = kept.store.sign_upload(kept.bucket, key, content_type="image/png", max_bytes=100)
    assert await send(upload, b"<script>", **{"Content-Type": "text/html"}) in (400, 403, 415)
    assert await kept.store.size(kept.bucket, key) is None


async def test_an_upload_is_for_one_key_only(kept: Kept) -> None:
    key, other = new_key(), new_key()
    upload = kept.store.sign_upload(kept.bucket, key, content_type="image/png", max_bytes=100)
    if upload.method == "POST":
        assert await send(upload, b"x", key=other) in (400, 403)
    else:
        moved = Upload(upload.url.replace(key.split("/")[1], other.split("/")[1]), "PUT")
        assert await send(moved, b"x", **upload.headers) == 404
    assert await kept.store.size(kept.bucket, other) is None


async def test_an_upload_ends_with_its_time(kept: Kept) -> None:
    key = new_key()
    upload = kept.store.sign_upload(
        kept.bucket, key, content_type="image/png", max_bytes=100, seconds=-1
    )
    assert await send(upload, b"x") in (400, 403, 404)
    assert await kept.store.size(kept.bucket, key) is None


async def test_a_store_that_is_away_says_so() -> None:
    away = S3Store("http://127.0.0.1:9", "k", "s" * 8)
    with pytest.raises(StoreUnavailable):
        await away.get("multicanvas-media", "a")


# Of the local store alone ---------------------------------------------------------------------


async def test_no_path_leads_out_of_the_folder(gateway: LocalStore, tmp_path: Path) -> None:
    await gateway.ensure_bucket("multicanvas-media")
    (tmp_path / "secret").write_text("canary")
    for key in ("../../secret", "/etc/passwd", "a/../../x", "..", ""):
        with pytest.raises(ValueError):
            await gateway.get("multicanvas-media", key)
        with pytest.raises(ValueError):
            await gateway.put("multicanvas-media", key, b"x", "text/plain")
    for bucket in ("..", "a/b", "", "."):
        with pytest.raises(ValueError):
            await gateway.get(bucket, "x")


async def test_a_link_does_not_lead_out_of_the_folder(gateway: LocalStore, tmp_path: Path) -> None:
    await gateway.put("multicanvas-media", "t/real", b"x", "text/plain")
    (tmp_path / "secret").write_text("canary")
    path, _ = gateway.file("multicanvas-media", "t/real")
    path.with_name("link").symlink_to(tmp_path / "secret")
    with pytest.raises(ValueError):
        await gateway.get("multicanvas-media", "t/link")
    assert (await get(gateway.sign_get("multicanvas-media", "t/link"))).status == 404


async def test_a_stored_page_cannot_act_in_a_browser(gateway: LocalStore) -> None:
    for name, kind in (("page.html", "text/html"), ("picture.svg", "image/svg+xml")):
        await gateway.put("multicanvas-media", f"t/{name}", b"<svg/>", kind)
        answer = await get(gateway.sign_get("multicanvas-media", f"t/{name}"))
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    page = await get(gateway.sign_get("multicanvas-media", "t/page.html"))
    assert page.headers["content-disposition"] == "attachment"


async def test_the_download_name_is_part_of_the_signature(gateway: LocalStore) -> None:
    await gateway.put("multicanvas-media", "t/a", b"x", "image/png")
    assert (await get(gateway.sign_get("multicanvas-media", "t/a") + "&as=x.exe")).status == 404
