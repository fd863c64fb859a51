"""Exports through the whole service: queue, workers, API, access, deletion."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncGenerator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

import objects
from contracts import Envelope
from contracts.identity import UserDeleted
from contracts.projects import ProjectDeleted
from render.projections import queue
from render.subscribers import Departures
from runtime import clock
from runtime.ids import uuid7
from tests.support.parts import DatabaseFactory
from tests.support.rendering import CLIP, PHOTO, RenderHouse, document, make_house

STILL = {"format": "png", "quality": "low"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(
    database: DatabaseFactory, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[RenderHouse]:
    yield await make_house(database, tmp_path_factory.mktemp("render"))


@contextlib.asynccontextmanager
async def working(house: RenderHouse, lease_seconds: float = 10.0) -> AsyncGenerator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(house.worker(lease_seconds=lease_seconds).run(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 20)


async def settled(house: RenderHouse, export_id: UUID, seconds: float = 60) -> str | None:
    for _ in range(int(seconds * 10)):
        status = await house.status(export_id)
        if status in ("completed", "failed", "cancelled", None):
            return status
        await asyncio.sleep(0.1)
    return await house.status(export_id)


def photo_document(text: str = "Hello"):
    return document(
        [
            {
                "type": "image",
                "x": 20,
                "y": 20,
                "width": 320,
                "height": 200,
                "properties": {"media": {"src": f"media:{PHOTO}"}},
            },
            {
                "type": "text",
                "x": 20,
                "y": 240,
                "width": 320,
                "properties": {"text": {"content": text, "fontSize": 40}},
            },
        ]
    )


def clip_document(duration: float = 4.0):
    clip = {"src": f"media:{CLIP}", "loop": True}
    box = {"x": 0, "y": 0, "width": 1080, "height": 1920}
    return document(
        [{"type": "video", **box, "properties": {"media": clip}}],
        width=1080,
        height=1920,
        duration=duration,
    )


async def test_a_requested_export_becomes_a_file_that_its_owner_downloads(
    house: RenderHouse,
) -> None:
    project_id = await house.project()
    wanted = {**STILL, "metadata": {"title": "Spring sale", "description": "", "tags": []}}
    export_id = await house.request(project_id, photo_document(), wanted)
    async with house.client("ann") as client:
        waiting = (await client.get(f"/v1/exports/{export_id}")).json()
        assert (waiting["status"], waiting["progress"]) == ("pending", 0)
        async with working(house):
            assert await settled(house, export_id) == "completed"
        done = (await client.get(f"/v1/exports/{export_id}")).json()
        assert done["mimeType"] == "image/png"
        assert (done["width"], done["height"]) == (360, 640)
        assert done["fileSize"] > 1000
        assert done["processingTime"] == _millis_between(
            done["processingStartedAt"], done["processingCompletedAt"]
        )
        assert done["errorMessage"] is None
        assert done["outputUrl"].startswith("http://gateway/")
        assert "sig=" in done["thumbnailUrl"]
        for _ in range(2):
            answer = await client.get(
                f"/v1/exports/{export_id}/download", headers={"Idempotency-Key": "once"}
            )
            assert answer.status_code == 302
            assert "Spring" in answer.headers["location"]
        counted = (await client.get(f"/v1/exports/{export_id}")).json()
        assert counted["downloadCount"] == 1
        listed = (await client.get(f"/v1/projects/{project_id}/exports")).json()
        assert [one["id"] for one in listed["items"]] == [str(export_id)]


def _millis_between(start: str, end: str) -> int:
    span = datetime.fromisoformat(end) - datetime.fromisoformat(start)
    return round(span.total_seconds() * 1000)


async def test_the_same_request_again_reuses_the_stored_file(house: RenderHouse) -> None:
    project_id = await house.project()
    first = await house.request(project_id, photo_document("Again"), STILL)
    async with working(house):
        assert await settled(house, first) == "completed"
        second = await house.request(project_id, photo_document("Again"), STILL)
        assert await settled(house, second) == "completed"
    async with house.client("ann") as client:
        one = (await client.get(f"/v1/exports/{first}")).json()
        two = (await client.get(f"/v1/exports/{second}")).json()
        assert (one["reused"], two["reused"]) == (False, True)
        assert (await client.delete(f"/v1/exports/{first}")).status_code == 204
        await house.sweep().once()
        keys = await house.database.pools.worker.fetchrow(
            "select output_url from project_exports where id = $1", second
        )
        assert keys is not None
        assert await house.store.size(objects.RENDER, keys["output_url"])
        assert (await client.delete(f"/v1/exports/{second}")).status_code == 204
        await house.sweep().once()
        assert await house.store.size(objects.RENDER, keys["output_url"]) is None
        assert (await client.get(f"/v1/exports/{second}")).status_code == 404


async def test_strangers_see_nothing_and_viewers_change_nothing(house: RenderHouse) -> None:
    project_id = await house.project()
    await house.member(project_id, "vera", "viewer")
    await house.member(project_id, "eddy", "editor")
    export_id = await house.request(project_id, photo_document(), STILL)
    async with house.client("mallory") as client:
        assert (await client.get(f"/v1/exports/{export_id}")).status_code == 404
        assert (await client.delete(f"/v1/exports/{export_id}")).status_code == 404
        assert (await client.post(f"/v1/exports/{export_id}/cancel")).status_code == 404
        assert (await client.get(f"/v1/projects/{project_id}/exports")).status_code == 404
        assert str(export_id) not in (await client.get("/v1/exports")).text
    async with house.client("vera") as client:
        assert (await client.get(f"/v1/exports/{export_id}")).status_code == 200
        assert (await client.delete(f"/v1/exports/{export_id}")).status_code == 403
    async with house.client("eddy") as client:
        assert (await client.post(f"/v1/exports/{export_id}/cancel")).status_code == 202
    assert await house.status(export_id) == "cancelled"


async def test_a_running_export_stops_within_two_seconds_of_being_cancelled(
    house: RenderHouse,
) -> None:
    project_id = await house.project()
    export_id = await house.request(
        project_id, clip_document(60), {"format": "mp4", "quality": "ultra"}
    )
    async with house.client("ann") as client, working(house):
        await _until_progress(house, export_id)
        assert (await client.post(f"/v1/exports/{export_id}/cancel")).status_code == 202
        await asyncio.sleep(2)
        assert not list(house.work_folder.iterdir())
        assert await house.status(export_id) == "cancelled"
        again = await client.post(f"/v1/exports/{export_id}/cancel")
        assert again.status_code == 202
    assert house.progress.told
    assert {one.stage for one in house.progress.told} <= {"painting", "encoding", "done"}


async def _until_progress(house: RenderHouse, export_id: UUID) -> None:
    for _ in range(300):
        share = await house.database.pools.worker.fetchval(
            "select progress from render_jobs where id = $1", export_id
        )
        if share and share > 0.05:
            return
        await asyncio.sleep(0.1)
    pytest.fail("the export never began")


async def test_a_killed_workers_job_is_taken_over_after_its_lease(house: RenderHouse) -> None:
    project_id = await house.project()
    export_id = await house.request(project_id, photo_document("Taken"), STILL)
    dead = await queue.claim(house.database.pools.worker, uuid7(), 1.0)
    assert dead is not None
    assert dead.id == export_id
    async with working(house):
        await asyncio.sleep(0.5)
        assert await house.status(export_id) == "pending"
        assert await settled(house, export_id) == "completed"
    attempts = await house.database.pools.worker.fetchval(
        "select attempts from render_jobs where id = $1", export_id
    )
    assert attempts == 2
    assert not await queue.beat(house.database.pools.worker, dead, 1.0, 0.5)


async def test_a_crashed_render_process_is_tried_again(
    house: RenderHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("render.worker.PAUSE_SECONDS", 0.1)
    project_id = await house.project()
    export_id = await house.request(
        project_id, clip_document(8), {"format": "mp4", "quality": "low"}
    )
    async with working(house):
        await _until_progress(house, export_id)
        for process in _render_processes(house.work_folder):
            os.kill(process, signal.SIGKILL)
        assert await settled(house, export_id, 120) == "completed"
    attempts = await house.database.pools.worker.fetchval(
        "select attempts from render_jobs where id = $1", export_id
    )
    assert attempts == 2


def _render_processes(folder: Path) -> list[int]:
    """The bubblewrap processes of jobs in this folder."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            command = (entry / "cmdline").read_bytes()
            if b"bwrap" in command.split(b"\0")[0] and str(folder).encode() in command:
                found.append(int(entry.name))
    return found


async def test_a_failed_export_says_why_and_starts_again_when_asked(house: RenderHouse) -> None:
    project_id = await house.project()
    gone = document(
        [
            {
                "type": "image",
                "width": 10,
                "height": 10,
                "properties": {"media": {"src": f"media:{PHOTO}"}},
            }
        ],
        assets={PHOTO: {"provider": "local", "bucket": objects.MEDIA, "objectKey": "media/none"}},
    )
    export_id = await house.request(project_id, gone, STILL)
    async with house.client("ann") as client:
        async with working(house):
            assert await settled(house, export_id) == "failed"
        failed = (await client.get(f"/v1/exports/{export_id}")).json()
        assert failed["errorCode"] == "missing_asset"
        assert "no longer there" in failed["errorMessage"]
        not_yet = await client.get(f"/v1/exports/{export_id}/download")
        assert not_yet.status_code == 409
        assert (await client.post(f"/v1/exports/{export_id}/retry")).status_code == 202
        assert (await client.get(f"/v1/exports/{export_id}")).json()["status"] == "pending"
        assert (await client.post(f"/v1/exports/{export_id}/retry")).status_code == 409


async def test_an_erased_project_cannot_be_rendered_any_more(house: RenderHouse) -> None:
    project_id = await house.project()
    export_id = await house.request(project_id, photo_document(), STILL)
    await house.keys.forget(project_id=project_id)
    await asyncio.sleep(0.1)
    async with working(house):
        await asyncio.sleep(2)
    state = await house.database.pools.worker.fetchval(
        "select state from render_jobs where id = $1", export_id
    )
    assert state == "over"
    assert await house.status(export_id) != "completed"


async def test_deleting_a_project_or_person_removes_rows_jobs_and_files(
    house: RenderHouse,
) -> None:
    project_id = await house.project("bob")
    export_id = await house.request(project_id, photo_document("Bye"), STILL, user_id="bob")
    async with working(house):
        assert await settled(house, export_id) == "completed"
    key = await house.database.pools.worker.fetchval(
        "select output_url from project_exports where id = $1", export_id
    )
    other = await house.request(await house.project("bob"), photo_document(), STILL, user_id="bob")
    departures = Departures()
    async with house.database.pools.worker.acquire() as connection:
        gone = ProjectDeleted(owner_id="bob")
        await departures.handle(connection, _envelope(gone.TYPE, str(project_id)), gone)
        left = UserDeleted()
        await departures.handle(connection, _envelope(left.TYPE, "bob"), left)
    assert await house.status(export_id) is None
    assert await house.status(other) is None
    await house.sweep().once()
    assert await house.store.size(objects.RENDER, key) is None


def _envelope(kind: str, subject: str) -> Envelope:
    return Envelope(id=uuid7(), type=kind, source="x", subject=subject, time=clock.now(), data={})


async def test_lists_are_paged_and_filtered(house: RenderHouse) -> None:
    project_id = await house.project("lia")
    made = [
        await house.request(project_id, photo_document(str(n)), STILL, user_id="lia")
        for n in range(3)
    ]
    async with house.client("lia") as client:
        await client.post(f"/v1/exports/{made[0]}/cancel")
        first = (await client.get("/v1/exports?limit=2")).json()
        rest = (await client.get(f"/v1/exports?limit=2&cursor={first['nextCursor']}")).json()
        seen = [one["id"] for one in first["items"] + rest["items"]]
        assert sorted(seen) == sorted(str(one) for one in made)
        assert rest["nextCursor"] is None
        stopped = (await client.get("/v1/exports?status=cancelled")).json()
        assert [one["id"] for one in stopped["items"]] == [str(made[0])]
        assert (await client.get("/v1/exports?cursor=xx")).status_code == 422
