"""From an announced upload to a file in the library, and out of it again."""

import asyncio
import hashlib
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp
import pytest

import objects
from contracts import topics
from contracts.ai import AiImageGenerated
from contracts.media import MediaDeleted, MediaReady, MediaRefused
from runtime.ids import uuid7
from tests.support.services import Caller, House, Json, Told, message

FILES = Path(__file__).parents[2] / "media"
PHOTO = (FILES / "coffee.png").read_bytes()


def somebody() -> str:
    return f"ana-{uuid4().hex[:8]}"


async def announce(caller: Caller, content: bytes, mime_type: str = "image/png") -> Json:
    body = {"filename": "Morning coffee.png", "mimeType": mime_type, "fileSize": len(content)}
    told = await caller.post("/v1/media/uploads", body)
    assert told.status == 201, told.body
    return told.body


async def send(ticket: Json, content: bytes, mime_type: str = "image/png") -> int:
    form = aiohttp.FormData()
    for name, value in ticket["fields"].items():
        form.add_field(name, value)
    form.add_field("file", content, filename="upload", content_type=mime_type)
    async with aiohttp.ClientSession() as browser, browser.post(ticket["url"], data=form) as answer:
        return answer.status


async def upload(caller: Caller, content: bytes, mime_type: str = "image/png") -> tuple[Json, Told]:
    ticket = await announce(caller, content, mime_type)
    assert await send(ticket, content, mime_type) in (200, 201, 204)
    return ticket, await caller.post(f"/v1/media/uploads/{ticket['id']}/complete")


async def stored_of(house: House, user_id: str, media_id: str) -> dict[str, int | None]:
    home = f"media/{user_id}/{media_id}"
    names = ("original.png", "thumbnail.webp")
    return {name: await house.store.size(objects.MEDIA, f"{home}/{name}") for name in names}


async def read(url: str) -> bytes:
    async with aiohttp.ClientSession() as browser, browser.get(url) as answer:
        assert answer.status == 200
        return await answer.read()


async def test_a_picture_becomes_a_file_of_the_library(house: House) -> None:
    ana = somebody()
    caller = house.caller("media", ana)
    ticket, told = await upload(caller, PHOTO)
    assert (told.status, told.body) == (200, {"mediaId": ticket["mediaId"], "status": "ready"})
    assert told.headers["Multicanvas-Wrote"] == f"media/{ticket['mediaId']}=1"

    shown = (await caller.get(f"/v1/media/{ticket['mediaId']}")).body
    assert shown["originalName"] == "Morning coffee.png"
    assert shown["dimensions"] == {"width": 600, "height": 400}
    assert (shown["mediaType"], shown["storageProvider"], shown["duration"]) == (
        "image",
        "s3",
        None,
    )
    kept = await read(shown["publicUrl"])
    assert len(kept) == shown["fileSize"]
    assert hashlib.sha256(kept).hexdigest() == shown["sha256"]
    assert (await read(shown["thumbnailUrl"]))[8:12] == b"WEBP"
    listed = (await caller.get("/v1/media?type=image&q=coffee")).body
    assert [one["id"] for one in listed["items"]] == [ticket["mediaId"]]
    assert await house.store.size(objects.MEDIA, f"uploads/{ticket['id']}.png") is None


async def test_a_ready_file_is_told_with_its_names_sealed(house: House) -> None:
    ana = somebody()
    ticket, _ = await upload(house.caller("media", ana), PHOTO)
    told = await house.heard(topics.MEDIA, ticket["mediaId"], MediaReady)
    assert (told.sequence, told.actor) == (1, ana)
    assert told.data["fileSize"] > 0
    assert told.data["width"] == 600
    in_clear = told.model_dump_json()
    for secret in ("coffee", "original.png", "thumbnail"):
        assert secret not in in_clear
    opened = await house.unsealed(told)
    assert opened["originalName"] == "Morning coffee.png"
    assert opened["objectKey"] == f"media/{ana}/{ticket['mediaId']}/original.png"


async def test_completing_again_tells_the_same_and_registers_nothing_more(house: House) -> None:
    caller = house.caller("media", somebody())
    ticket, first = await upload(caller, PHOTO)
    again = await caller.post(f"/v1/media/uploads/{ticket['id']}/complete")
    assert (again.status, again.body) == (first.status, first.body)
    assert (await caller.get(f"/v1/media/uploads/{ticket['id']}")).body["status"] == "ready"
    await house.heard(topics.MEDIA, ticket["mediaId"], MediaReady)


async def test_completing_twice_at_once_registers_one_file(house: House) -> None:
    caller = house.caller("media", somebody())
    ticket = await announce(caller, PHOTO)
    await send(ticket, PHOTO)
    path = f"/v1/media/uploads/{ticket['id']}/complete"
    told = await asyncio.gather(*(caller.post(path) for _ in range(4)))
    assert {one.status for one in told} == {200}, [one.body for one in told]
    await house.heard(topics.MEDIA, ticket["mediaId"], MediaReady)
    assert len((await caller.get("/v1/media")).body["items"]) == 1


async def test_a_refused_file_leaves_nothing_and_is_told(house: House) -> None:
    ana = somebody()
    caller = house.caller("media", ana)
    fake = b"<svg xmlns='http://www.w3.org/2000/svg'/>" * 20
    ticket, told = await upload(caller, fake)
    assert (told.status, told.body["type"]) == (422, "/problems/media-refused")
    assert (await caller.get("/v1/media")).body["items"] == []
    assert (await caller.get(f"/v1/media/{ticket['mediaId']}")).status == 404
    assert await house.store.size(objects.MEDIA, f"uploads/{ticket['id']}.png") is None
    assert set((await stored_of(house, ana, ticket["mediaId"])).values()) == {None}
    state = (await caller.get(f"/v1/media/uploads/{ticket['id']}")).body
    assert state["status"] == "refused"
    assert "not image/png" in state["reason"]
    refused = await house.heard(topics.MEDIA, ticket["mediaId"], MediaRefused)
    assert refused.data["userId"] == ana
    again = await caller.post(f"/v1/media/uploads/{ticket['id']}/complete")
    assert again.status == 422


async def test_fewer_bytes_than_announced_are_refused(house: House) -> None:
    caller = house.caller("media", somebody())
    ticket = await announce(caller, PHOTO)
    await send(ticket, PHOTO[:-10])
    told = await caller.post(f"/v1/media/uploads/{ticket['id']}/complete")
    assert told.status == 422
    assert "announced" in told.body["detail"]


async def test_the_store_itself_takes_no_more_than_was_announced(house: House) -> None:
    caller = house.caller("media", somebody())
    ticket = await announce(caller, PHOTO)
    assert await send(ticket, PHOTO + b"more") in (400, 403)
    told = await caller.post(f"/v1/media/uploads/{ticket['id']}/complete")
    assert (told.status, told.body["type"]) == (409, "/problems/upload-incomplete")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"mimeType": "text/html", "fileSize": 10}, "media-type-not-accepted"),
        ({"mimeType": "image/svg+xml", "fileSize": 10}, "media-type-not-accepted"),
        ({"mimeType": "image/png", "fileSize": 50_000_001}, "media-too-large"),
        ({"mimeType": "image/png", "fileSize": 0}, "invalid"),
    ],
)
async def test_what_is_not_taken_is_said_before_a_byte_is_sent(
    house: House, body: Json, code: str
) -> None:
    told = await house.caller("media", somebody()).post(
        "/v1/media/uploads", {"filename": "x", **body}
    )
    assert (told.status, told.body["type"]) == (422, f"/problems/{code}")


async def test_an_upload_and_a_file_are_nobody_elses(house: House) -> None:
    ana, eve = (house.caller("media", somebody()) for _ in range(2))
    ticket = await announce(ana, PHOTO)
    await send(ticket, PHOTO)
    path = f"/v1/media/uploads/{ticket['id']}"
    assert (await eve.get(path)).status == 404
    assert (await eve.post(f"{path}/complete")).status == 404
    assert (await eve.delete(path)).status == 404
    taken = {"id": ticket["id"], "filename": "x", "mimeType": "image/png", "fileSize": 3}
    assert (await eve.post("/v1/media/uploads", taken)).status == 404
    assert (await ana.post(f"{path}/complete")).status == 200
    for answer in (
        await eve.get(f"/v1/media/{ticket['mediaId']}"),
        await eve.get(f"/v1/media/{ticket['mediaId']}/url"),
        await eve.delete(f"/v1/media/{ticket['mediaId']}"),
    ):
        assert answer.status in (403, 404)
    assert (await ana.get(f"/v1/media/{ticket['mediaId']}")).status == 200


async def test_an_upload_out_of_time_is_over_and_then_swept(house: House) -> None:
    caller = house.caller("media", somebody())
    late, unseen = await announce(caller, PHOTO), await announce(caller, PHOTO)
    await send(late, PHOTO)
    ids = [UUID(late["id"]), UUID(unseen["id"])]
    set_expiry = "UPDATE uploads SET expires_at = now() - $2::interval WHERE id = ANY ($1)"
    await house.rows("media").execute(set_expiry, ids, timedelta(minutes=1))
    told = await caller.post(f"/v1/media/uploads/{unseen['id']}/complete")
    assert (told.status, told.body["type"]) == (409, "/problems/upload-expired")
    await house.rows("media").execute(set_expiry, ids, timedelta(minutes=61))
    await house.until("media", "SELECT count(*) FROM uploads WHERE id = ANY ($1)", 0, ids)
    assert await house.store.size(objects.MEDIA, f"uploads/{late['id']}.png") is None
    assert (await caller.post(f"/v1/media/uploads/{late['id']}/complete")).status == 404


async def test_a_cancelled_upload_leaves_no_bytes(house: House) -> None:
    caller = house.caller("media", somebody())
    ticket = await announce(caller, PHOTO)
    await send(ticket, PHOTO)
    assert (await caller.delete(f"/v1/media/uploads/{ticket['id']}")).status == 204
    assert await house.store.size(objects.MEDIA, f"uploads/{ticket['id']}.png") is None
    assert (await caller.post(f"/v1/media/uploads/{ticket['id']}/complete")).status == 404


async def test_a_deleted_file_has_no_url_and_its_bytes_go(house: House) -> None:
    ana = somebody()
    caller = house.caller("media", ana)
    ticket, _ = await upload(caller, PHOTO)
    media_id = ticket["mediaId"]
    assert None not in (await stored_of(house, ana, media_id)).values()
    assert (await caller.delete(f"/v1/media/{media_id}")).status == 204
    assert (await caller.get(f"/v1/media/{media_id}/url")).status == 404
    assert (await caller.get("/v1/media")).body["items"] == []
    assert (await caller.delete(f"/v1/media/{media_id}")).status == 404
    told = await house.heard(topics.MEDIA, media_id, MediaDeleted)
    assert told.sequence == 2
    await house.until(
        "media", "SELECT count(*) FROM doomed_objects WHERE prefix LIKE $1", 0, f"%{media_id}%"
    )
    assert set((await stored_of(house, ana, media_id)).values()) == {None}


async def test_a_repeated_announcement_is_one_upload(house: House) -> None:
    caller = house.caller("media", somebody())
    body = {"filename": "a.png", "mimeType": "image/png", "fileSize": 5}
    first = await caller.post("/v1/media/uploads", body, Idempotency_Key="once")
    again = await caller.post("/v1/media/uploads", body, Idempotency_Key="once")
    assert first.body["id"] == again.body["id"]
    assert first.body["mediaId"] == again.body["mediaId"]


async def image_made_by_ai(house: House, ana: str) -> tuple[AiImageGenerated, str]:
    generation_id, media_id = uuid7(), uuid7()
    key = f"generated/{generation_id}/0"
    await house.store.put(objects.AI, key, PHOTO, "image/png")
    data = AiImageGenerated(
        project_id=uuid7(),
        user_id=ana,
        provider="builtin",
        model="m",
        media_id=media_id,
        store="s3",
        bucket=objects.AI,
        object_key=key,
        sha256=hashlib.sha256(PHOTO).hexdigest(),
        file_size=len(PHOTO),
        width=600,
        height=400,
    )
    return data, str(generation_id)


async def test_a_generated_image_told_twice_is_one_file_with_bytes_of_its_own(house: House) -> None:
    ana = somebody()
    data, subject = await image_made_by_ai(house, ana)
    told = message(data, subject, 2, ana)
    await house.tell(told, told, topic=topics.AI)
    ready = await house.heard(topics.MEDIA, str(data.media_id), MediaReady)
    assert ready.causationid == told.id
    assert ready.data["generationId"] == subject
    await house.tell(told.model_copy(update={"id": uuid4(), "sequence": 3}), topic=topics.AI)
    after, after_subject = await image_made_by_ai(house, ana)
    await house.tell(message(after, after_subject, 2, ana), topic=topics.AI)
    await house.heard(topics.MEDIA, str(after.media_id), MediaReady)
    caller = house.caller("media", ana)
    await house.heard(topics.MEDIA, str(data.media_id), MediaReady)
    items = (await caller.get("/v1/media")).body["items"]
    assert {one["id"] for one in items} == {str(data.media_id), str(after.media_id)}

    await house.store.delete_prefix(objects.AI, f"generated/{subject}")
    shown = (await caller.get(f"/v1/media/{data.media_id}")).body
    assert await read(shown["publicUrl"]) == PHOTO
    assert (await caller.delete(f"/v1/media/{data.media_id}")).status == 204


async def test_an_image_whose_generation_is_gone_already_is_passed_over(house: House) -> None:
    ana = somebody()
    data, subject = await image_made_by_ai(house, ana)
    await house.store.delete_prefix(objects.AI, f"generated/{subject}")
    later, later_subject = await image_made_by_ai(house, ana)
    await house.tell(message(data, subject, 2, ana), topic=topics.AI)
    await house.tell(message(later, later_subject, 2, ana), topic=topics.AI)
    await house.heard(topics.MEDIA, str(later.media_id), MediaReady)
    dead = "SELECT count(*) FROM eventlog.dead_letter WHERE subject = $1"
    assert await house.rows("media").fetchval(dead, subject) == 0


async def test_a_person_who_leaves_takes_rows_and_bytes_along(house: House) -> None:
    ana, ben = somebody(), somebody()
    ticket, _ = await upload(house.caller("media", ana), PHOTO)
    kept, _ = await upload(house.caller("media", ben), PHOTO)
    pending = await announce(house.caller("media", ana), PHOTO)
    await send(pending, PHOTO)
    late, late_subject = await image_made_by_ai(house, ana)
    await house.depart(ana)
    for table in ("user_media", "uploads"):
        await house.until("media", f"SELECT count(*) FROM {table} WHERE user_id = $1", 0, ana)
    told_late = message(late, late_subject, 2, ana)
    await house.tell(told_late, topic=topics.AI)
    await house.until("media", "SELECT count(*) FROM doomed_objects", 0)
    assert set((await stored_of(house, ana, ticket["mediaId"])).values()) == {None}
    assert await house.store.size(objects.MEDIA, f"uploads/{pending['id']}.png") is None
    assert None not in (await stored_of(house, ben, kept["mediaId"])).values()
    told = await house.heard(topics.MEDIA, ticket["mediaId"], MediaReady)
    assert "objectKey" not in await house.unsealed(told), "its key is gone"
    handled = "SELECT count(*) FROM eventlog.inbox WHERE event_id = $1"
    await house.until("media", handled, 1, told_late.id)
    left = "SELECT count(*) FROM user_media WHERE user_id = $1"
    assert await house.rows("media").fetchval(left, ana) == 0
    assert await house.on_the_bus(topics.MEDIA, str(late.media_id)) == []
