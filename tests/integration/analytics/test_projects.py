"""Analytics as it runs: what arrives on the bus, and what its API answers."""

import asyncio
import time
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts import Envelope, topics
from contracts.analytics import ActivityRecorded
from contracts.projects import Change, ElementAdded, ElementEdited
from eventlog.rebuild import begin
from runtime import clock
from runtime.ids import uuid7
from tests.support.bus import eventually
from tests.support.services import House, message

COUNTED = "SELECT events FROM project_totals WHERE project_id = $1"


def somebody() -> str:
    return f"ana-{uuid4().hex[:8]}"


def added(project: UUID, sequence: int, actor: str, **more: Any) -> Envelope:
    canvas = more.pop("canvas", None) or uuid7()
    data = ElementAdded(canvas_id=canvas, element_id=uuid7(), element={"type": "text"})
    return message(data, str(project), sequence, actor, **more)


async def test_totals_series_and_up_to_when(house: House) -> None:
    ana = somebody()
    project = await house.project(ana)
    change = [Change(path="properties.text.content", before="SECRET", after="HIDDEN")]
    edited = [
        message(
            ElementEdited(canvas_id=uuid7(), element_id=uuid7(), changes=change, origin=n == 3),
            str(project),
            2 + n,
            ana,
            last=n == 3,
        )
        for n in (1, 2, 3)
    ]
    await house.tell(added(project, 2, ana), *edited, topic=topics.PROJECTS)
    await house.until("analytics", COUNTED, 5, project)
    told = await house.caller("analytics", ana).get(f"/v1/analytics/projects/{project}")
    assert told.status == 200
    totals = told.body["totals"]
    assert (totals["commands"], totals["events"]) == (3, 5)
    assert (totals["elementsAdded"], totals["elementsEdited"]) == (1, 3)
    assert told.body["asOf"] >= totals["lastEventAt"]
    today = clock.now().date().isoformat()
    assert {one["eventType"]: one["events"] for one in told.body["series"]} == {
        "project_created": 1,
        "element_added": 1,
        "element_edited": 3,
    }
    assert {one["day"] for one in told.body["series"]} == {today}
    trail = await house.caller("analytics", ana).get(
        f"/v1/analytics/projects/{project}/events?eventType=element_edited"
    )
    assert "SECRET" not in str(trail.body)
    assert trail.body["items"][0]["eventData"]["changed"] == ["properties.text.content"]


async def test_the_trail_comes_in_pages_and_by_filter(house: House) -> None:
    ana, canvas = somebody(), uuid7()
    project = await house.project(ana)
    at = clock.now()
    facts = [
        added(
            project,
            n + 2,
            ana,
            time=at + timedelta(milliseconds=n // 2),  # two share each moment
            canvas=canvas if n % 2 else None,
        )
        for n in range(7)
    ]
    await house.tell(*facts, topic=topics.PROJECTS)
    await house.until("analytics", COUNTED, 8, project)
    caller, path = house.caller("analytics", ana), f"/v1/analytics/projects/{project}/events"
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await caller.get(f"{path}?limit=3&eventType=element_added{cursor}")).body
        seen += [one["id"] for one in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert len(seen) == 7
    assert set(seen) == {str(one.id) for one in facts}
    by_canvas = (await caller.get(f"{path}?canvasId={canvas}")).body["items"]
    assert len(by_canvas) == 3
    assert (await caller.get(f"{path}?userId=somebody")).body["items"] == []
    later = (at + timedelta(milliseconds=2)).isoformat().replace("+00:00", "Z")
    assert len((await caller.get(f"{path}?from={later}")).body["items"]) == 3
    assert len((await caller.get(f"{path}?to={later}")).body["items"]) == 5
    foreign = await caller.get(f"{path}?limit=3{cursor}")
    assert foreign.status == 422, "a cursor of another filter is refused"


async def test_a_project_of_others_is_not_there(house: House) -> None:
    project, eve = await house.project(somebody()), somebody()
    caller = house.caller("analytics", eve)
    assert (await caller.get(f"/v1/analytics/projects/{project}")).status == 404
    assert (await caller.get(f"/v1/analytics/projects/{project}/events")).status == 404
    told = await caller.post(f"/v1/projects/{project}/activity", {"type": "project_opened"})
    assert told.status == 404
    for table in ("project_analytics", "project_totals"):
        assert await house.seen_by("analytics", eve, f"SELECT 1 FROM {table}") == []


async def test_what_only_a_client_knows_is_recorded_once_a_key(house: House) -> None:
    ana = somebody()
    project = await house.project(ana)
    caller, path = house.caller("analytics", ana), f"/v1/projects/{project}/activity"
    body = {"type": "project_opened", "sessionId": "visit-1"}
    first, again = [await caller.post(path, body, Idempotency_Key="k") for _ in range(2)]
    assert (first.status, again.status) == (202, 202)
    assert first.body == again.body
    told = await house.heard(topics.ANALYTICS, first.body["id"], ActivityRecorded)
    assert (told.actor, told.data["activity"]) == (ana, "project_opened")
    await house.until("analytics", COUNTED, 2, project)
    trail = (await caller.get(f"/v1/analytics/projects/{project}/events")).body["items"]
    assert [one["eventType"] for one in trail].count("project_opened") == 1
    assert next(o for o in trail if o["eventType"] == "project_opened")["sessionId"] == "visit-1"
    assert (await caller.post(path, {"type": "project_deleted"})).status == 422


async def test_an_event_from_the_future_becomes_a_dead_letter_with_the_reason(
    house: House,
) -> None:
    ana = somebody()
    project = await house.project(ana)
    ahead = clock.now() + timedelta(minutes=6)
    await house.tell(added(project, 2, ana, time=ahead), topic=topics.PROJECTS)
    letters = "SELECT count(*) FROM eventlog.dead_letter WHERE subject = $1"
    await house.until("analytics", letters, 2, str(project))
    rows = await house.rows("analytics").fetch(
        "SELECT projection, reason FROM eventlog.dead_letter WHERE subject = $1", str(project)
    )
    assert {row["projection"] for row in rows} == {"project_analytics", "project_totals"}
    assert all("lies in the future" in row["reason"] for row in rows)
    assert await house.rows("analytics").fetchval(COUNTED, project) == 1
    told = await house.caller("analytics", ana).get(f"/v1/analytics/projects/{project}")
    assert told.body["asOf"] < ahead.isoformat()


async def test_what_is_older_than_retention_is_counted_but_not_kept(house: House) -> None:
    ana = somebody()
    project = await house.project(ana)
    old = clock.now() - timedelta(days=900)
    await house.tell(added(project, 2, ana, time=old), topic=topics.PROJECTS)
    await house.until("analytics", COUNTED, 2, project)
    kept = "SELECT count(*) FROM project_analytics WHERE project_id = $1"
    assert await house.rows("analytics").fetchval(kept, project) == 1


async def test_an_answer_waits_for_what_the_caller_wrote(house: House) -> None:
    ana = somebody()
    project = await house.project(ana)
    caller, path = house.caller("analytics", ana), f"/v1/analytics/projects/{project}"

    async def write() -> None:
        await asyncio.sleep(0.4)
        await house.tell(added(project, 2, ana), topic=topics.PROJECTS)

    writing = asyncio.create_task(write())
    told = await caller.get(path, Multicanvas_After=f"projects/{project}=2")
    await writing
    assert told.body["totals"]["elementsAdded"] == 1
    assert "Multicanvas-Behind" not in told.headers

    started = time.monotonic()
    behind = await caller.get(path, Multicanvas_After=f"projects/{project}=99")
    assert 1.5 < time.monotonic() - started < 4
    assert (behind.status, behind.headers["Multicanvas-Behind"]) == (200, "true")
    told = await caller.post(
        f"/v1/projects/{project}/activity",
        {"type": "project_opened"},
        Multicanvas_After=f"projects/{project}=99",
    )
    assert (told.status, "Retry-After" in told.headers) == (503, True)


@pytest.mark.parametrize("projection", ["project_access", "project_totals", "project_analytics"])
async def test_rebuilt_from_the_bus_it_is_what_it_was(house: House, projection: str) -> None:
    ana, gone = somebody(), somebody()
    project, left = await house.project(ana), await house.project(gone)
    await house.tell(added(project, 2, ana), added(left, 2, gone), topic=topics.PROJECTS)
    for one in (project, left):
        await house.until("analytics", COUNTED, 2, one)
    await house.depart(gone)
    trail = "SELECT count(*) FROM project_analytics WHERE user_id = $1"
    await house.until("analytics", trail, 0, gone)

    rows = f"SELECT to_jsonb(t)::text AS row FROM {projection} t ORDER BY 1"
    pool = house.rows("analytics")
    before = [one["row"] for one in await pool.fetch(rows)]
    assert before
    async with pool.acquire() as connection:
        await begin(connection, projection)

    async def live() -> bool:
        return bool(
            await pool.fetchval(
                "SELECT bool_and(live) FROM eventlog.consumer_projection WHERE name = $1",
                projection,
            )
        )

    assert await eventually(live, 30)
    assert [one["row"] for one in await pool.fetch(rows)] == before


async def test_a_person_who_left_stays_away_when_their_events_come_late(house: House) -> None:
    ana, ben = somebody(), somebody()
    project = await house.project(ana)
    await house.depart(ben)
    forgotten = "SELECT count(*) FROM forgotten_users WHERE user_id = $1"
    await house.until("analytics", forgotten, 1, ben)
    await house.tell(added(project, 2, ben), topic=topics.PROJECTS)
    await house.until("analytics", COUNTED, 2, project)
    trail = "SELECT count(*) FROM project_analytics WHERE user_id = $1"
    assert await house.rows("analytics").fetchval(trail, ben) == 0
