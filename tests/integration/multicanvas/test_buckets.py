"""Each service reaches its own bucket, reads what it needs of others, and nothing else."""

import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import aiohttp
import pytest
from minio.error import S3Error

from multicanvas.buckets import BUCKET_RIGHTS, service_identities
from multicanvas.parts.ports import Ports
from multicanvas.parts.seaweed import Seaweed, identities_file
from multicanvas.secrets import load_secrets
from objects import BUCKETS, MEDIA, PROJECTS, RENDER, S3Store

StoreOf = Callable[[str], S3Store]


@pytest.fixture(scope="module")
def store_of() -> Iterator[StoreOf]:
    """The object store as a service, or `admin`, reaches it."""
    with tempfile.TemporaryDirectory(prefix="multicanvas-buckets-") as folder:
        home = Path(folder)
        secrets = load_secrets(home / "secrets.json")
        admin = (secrets.s3_access_key, secrets.s3_secret_key)
        content = identities_file(*admin, service_identities(secrets))
        part = Seaweed(home, Ports(home / "ports.json"), content)

        def of(who: str) -> S3Store:
            keys = secrets.s3_services.get(who)
            pair = (keys["access_key"], keys["secret_key"]) if keys else admin
            return S3Store(part.claim(), *pair)

        part.start()
        try:
            yield of
        finally:
            part.stop()


async def made(store_of: StoreOf) -> S3Store:
    admin = store_of("admin")
    for bucket in BUCKETS:
        await admin.ensure_bucket(bucket)
        await admin.put(bucket, "kept/object", b"content", "text/plain")
    return admin


async def forbidden(asking: Awaitable[object]) -> None:
    with pytest.raises(S3Error) as refused:
        await asking
    assert refused.value.code == "AccessDenied"


async def test_render_reads_what_it_draws_and_writes_only_its_files(store_of: StoreOf) -> None:
    admin, render = await made(store_of), store_of("render")
    await render.put(RENDER, "exports/one", b"file", "video/mp4")
    assert await render.get(RENDER, "exports/one") == b"file"
    assert await render.get(MEDIA, "kept/object") == b"content"
    assert await render.get(PROJECTS, "kept/object") == b"content"
    for bucket in (MEDIA, PROJECTS):
        await forbidden(render.put(bucket, "kept/object", b"changed", "text/plain"))
        await forbidden(render.put(bucket, "new", b"new", "text/plain"))
        await forbidden(render.delete(bucket, "kept/object"))
        assert await admin.get(bucket, "kept/object") == b"content"
        assert await admin.size(bucket, "new") is None


@pytest.mark.parametrize("service", sorted(BUCKET_RIGHTS))
async def test_every_service_keeps_its_own_bucket_and_sees_only_what_is_listed(
    store_of: StoreOf, service: str
) -> None:
    await made(store_of)
    store, rights = store_of(service), BUCKET_RIGHTS[service]
    await store.put(rights.owns, "t/one", b"1", "text/plain")
    assert await store.size(rights.owns, "t/none") is None
    assert await store.delete_prefix(rights.owns, "t/") == 1
    for bucket in set(BUCKETS) - {rights.owns}:
        await forbidden(store.put(bucket, "t/one", b"1", "text/plain"))
        if bucket in rights.reads:
            assert await store.get(bucket, "kept/object") == b"content"
        else:
            await forbidden(store.get(bucket, "kept/object"))


async def test_urls_signed_by_a_service_open_no_more_than_its_keys(store_of: StoreOf) -> None:
    await made(store_of)
    async with aiohttp.ClientSession() as browser:
        for service, status in (("media", 200), ("render", 200), ("projects", 403)):
            url = store_of(service).sign_get(MEDIA, "kept/object")
            assert (await browser.get(url)).status == status, service
        ticket = store_of("render").sign_upload(
            MEDIA, "new", content_type="text/plain", max_bytes=100
        )
        form = aiohttp.FormData(ticket.fields)
        form.add_field("file", b"new", filename="new", content_type="text/plain")
        assert (await browser.post(ticket.url, data=form)).status == 403
