"""Live feeds: no gap, nothing twice, and nothing for those who may not see it."""

import asyncio
import time
from typing import Any
from uuid import uuid4

import orjson
import pytest

from contracts import topics
from eventlog.kafka import open_producer
from runtime import clock
from runtime.ids import event_id, uuid7
from tests.support.feed_reader import listening
from tests.support.site import Site

RENDER_DONE = "render.export_completed.v1"


async def test_a_new_client_hears_what_happens_from_now_on(site: Site) -> None:
    person = await site.person()
    project = site.neighbour.begin(person.id)
    async with listening(person, f"/v1/projects/{project}/live") as feed:
        ready = await feed.next()
        assert (ready.name, ready.id) == ("ready", 1)
        item = site.neighbour.record(project, person.id)
        await site.neighbour.publish(project, item)
        heard = await feed.next()
        assert (heard.name, heard.id) == ("project_edited", 2)
        assert heard.data == item


async def test_resuming_tells_what_was_missed_then_goes_on_without_a_gap(site: Site) -> None:
    person = await site.person()
    project = site.neighbour.begin(person.id)
    items = [site.neighbour.record(project, person.id) for _ in range(30)]
    async with listening(person, f"/v1/projects/{project}/live", last_event_id=3) as feed:
        # Old news arriving late on the topic must not be told twice.
        await site.neighbour.publish(project, *items[10:])
        later = [site.neighbour.record(project, person.id) for _ in range(10)]
        await site.neighbour.publish(project, *later)
        assert await feed.until(41) == list(range(4, 42))


async def test_a_client_from_another_life_is_told_to_start_anew(site: Site) -> None:
    person = await site.person()
    project = site.neighbour.begin(person.id)
    async with listening(person, f"/v1/projects/{project}/live", last_event_id=77) as feed:
        reset = await feed.next()
        assert (reset.name, reset.id) == ("reset", 1)
        await site.neighbour.publish(project, site.neighbour.record(project, person.id))
        assert (await feed.next()).id == 2


async def test_messages_lost_on_the_way_are_filled_in_from_the_history(site: Site) -> None:
    person = await site.person()
    project = site.neighbour.begin(person.id)
    async with listening(person, f"/v1/projects/{project}/live") as feed:
        await feed.next()
        items = [site.neighbour.record(project, person.id) for _ in range(4)]
        await site.neighbour.publish(project, items[3])
        started = time.monotonic()
        assert await feed.until(5) == [2, 3, 4, 5]
        assert time.monotonic() - started < 2


async def test_what_never_reaches_the_topic_is_told_within_seconds(site: Site) -> None:
    person = await site.person()
    project = site.neighbour.begin(person.id)
    async with listening(person, f"/v1/projects/{project}/live") as feed:
        await feed.next()
        site.neighbour.record(project, person.id)
        assert await feed.until(2) == [2]


async def test_strangers_and_nobody_hear_nothing(site: Site) -> None:
    owner, stranger = await site.person(), await site.person()
    project = site.neighbour.begin(owner.id)
    path = f"/v1/projects/{project}/live"
    for person, status in ((stranger, 404), (site.visitor(), 401)):
        answer = await person.get(path)
        assert (answer.status, answer.content_type) == (status, "application/problem+json")
    assert (await stranger.get(path, headers={"Last-Event-ID": "1"})).status == 404
    assert (await stranger.get(f"/v1/projects/{uuid4()}/live")).status == 404
    assert (await stranger.get("/v1/projects/nonsense/live")).status == 404
    assert (await site.visitor().get("/v1/live")).status == 401


async def test_who_loses_access_is_cut_off_within_five_seconds(site: Site) -> None:
    owner, member = await site.person(), await site.person()
    project = site.neighbour.begin(owner.id)
    site.neighbour.members[project].add(member.id)
    async with listening(member, f"/v1/projects/{project}/live") as feed:
        await feed.next()
        site.neighbour.members[project].remove(member.id)
        ended = await feed.next(seconds=5.5)
        assert (ended.name, ended.data) == ("ended", {"reason": "not_found"})
        with pytest.raises(EOFError):
            await feed.next()


async def test_signing_out_closes_the_feeds(site: Site) -> None:
    person = await site.person()
    project = site.neighbour.begin(person.id)
    async with (
        listening(person, f"/v1/projects/{project}/live") as of_project,
        listening(person, "/v1/live") as own,
    ):
        await of_project.next()
        await own.next()
        await person.post("/api/auth/sign-out")
        for feed in (of_project, own):
            ended = await feed.next(seconds=3)
            assert (ended.name, ended.data) == ("ended", {"reason": "session_ended"})


async def test_progress_has_no_id_and_reaches_project_and_person(site: Site) -> None:
    person = await site.person()
    project = site.neighbour.begin(person.id)
    async with (
        listening(person, f"/v1/projects/{project}/live") as of_project,
        listening(person, "/v1/live") as own,
    ):
        await of_project.next()
        await own.next()
        told = {"progress": 0.5, "framesDone": 5, "framesTotal": 10, "stage": "draw"}
        await _publish(
            site,
            topics.RENDER_PROGRESS,
            "render.export_progress.v1",
            {"projectId": project, "userId": person.id, "canvasId": str(uuid7()), **told},
            sequence=None,
        )
        for feed in (of_project, own):
            heard = await feed.next()
            assert (heard.name, heard.id) == ("export_progress", None)
            assert heard.data["data"]["progress"] == 0.5


async def test_my_feed_has_positions_without_a_gap_and_resumes_by_them(site: Site) -> None:
    person, other = await site.person(), await site.person()
    async with listening(person, "/v1/live") as feed:
        ready = await feed.next()
        assert (ready.name, ready.id) == ("ready", 0)
        for owner in (person, other, person, person):
            await _completed(site, owner.id)
        assert await feed.until(3) == [1, 2, 3]
        assert feed.heard[-1].name == "export_completed"
        assert feed.heard[-1].data["data"]["fileSize"] == 1
        assert "sealed" not in feed.heard[-1].data["data"]
    async with listening(person, "/v1/live", last_event_id=1) as feed:
        assert await feed.until(3) == [2, 3]
    async with listening(person, "/v1/live", last_event_id=99) as feed:
        reset = await feed.next()
        assert (reset.name, reset.id) == ("reset", 3)


async def test_a_slow_reader_costs_a_bounded_place_and_loses_nothing(site: Site) -> None:
    person = await site.person()
    project = site.neighbour.begin(person.id)
    async with listening(person, f"/v1/projects/{project}/live") as feed:
        await feed.next()
        items = [site.neighbour.record(project, person.id) for _ in range(900)]
        await site.neighbour.publish(project, *items)
        await asyncio.sleep(1)
        assert await feed.until(901, seconds=20) == list(range(2, 902))


async def test_the_feed_of_a_deleted_person_is_gone_and_stays_gone(site: Site) -> None:
    person = await site.person()
    await _completed(site, person.id)
    worker = site.databases["gateway"].pools.worker
    count = "select count(*) from feed where user_id = $1"
    await _until(lambda: worker.fetchval(count, person.id), 1)
    await person.browser.delete(f"{site.url}/v1/me")
    await _until(lambda: worker.fetchval(count, person.id), 0)
    await _completed(site, person.id)
    marker = await site.person()
    await _completed(site, marker.id)
    await _until(lambda: worker.fetchval(count, marker.id), 1)
    assert await worker.fetchval(count, person.id) == 0


async def _until(ask: Any, wanted: object) -> None:
    for _ in range(100):
        if await ask() == wanted:
            return
        await asyncio.sleep(0.1)
    assert await ask() == wanted


async def _completed(site: Site, user_id: str) -> None:
    data = {
        "projectId": str(uuid7()),
        "userId": user_id,
        "canvasId": str(uuid7()),
        "socialFormatId": str(uuid7()),
        "provider": "local",
        "bucket": "multicanvas-render",
        "mimeType": "video/mp4",
        "fileSize": 1,
        "width": 1,
        "height": 1,
        "duration": 1.0,
        "sha256": "0",
        "processingTime": 1,
    }
    await _publish(site, topics.RENDER, RENDER_DONE, data, sequence=1)


async def _publish(
    site: Site, topic: str, kind: str, data: dict[str, Any], sequence: int | None
) -> None:
    subject = uuid7()
    envelope = {
        "specversion": "1.0",
        "id": str(event_id(subject, sequence or 0)),
        "type": kind,
        "source": "/render",
        "subject": str(subject),
        "sequence": sequence,
        "time": clock.iso(clock.now()),
        "actor": "service:render",
        "data": data,
    }
    producer = await open_producer(site.kafka)
    try:
        sent = await producer.send(topic, orjson.dumps(envelope), str(subject).encode(), headers=())
        await sent
    finally:
        await producer.stop()
