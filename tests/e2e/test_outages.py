"""While a part hangs or is dead: who needs it is told to try again, everybody else works on, and
what was done meanwhile is everywhere once when the part is back."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest
import pytest_asyncio

from multicanvas.demo.client import Gateway
from multicanvas.demo.story import MEDIA
from tests.e2e.conftest import System, sign_up
from tests.support.outages import Answer, ask, hung, kill, says_try_again

BACK_WITHIN = 40.0
STILL = {"format": "png", "quality": "low", "resolution": {"width": 1080, "height": 1080}}


@dataclass
class Desk:
    """Somebody at work on one element of one project."""

    gateway: Gateway
    path: str
    element: str
    canvas: str
    x: int = 140

    async def edit(self) -> Answer:
        """Each moves the element by a pixel: no two are the same."""
        self.x += 1
        return await ask(
            self.gateway, "PATCH", f"{self.path}/elements/{self.element}", {"x": self.x}
        )

    async def get(self, suffix: str = "") -> Answer:
        return await ask(self.gateway, "GET", self.path + suffix)

    async def shown_x(self) -> float:
        document = (await self.get()).body
        return float(document["projectData"]["timeline"]["elements"][0]["x"])

    async def export(self) -> Answer:
        body = {"canvasIds": [self.canvas], "settings": STILL}
        return await ask(self.gateway, "POST", f"{self.path}/exports", body)


@pytest_asyncio.fixture(loop_scope="session")
async def desk(system: System) -> AsyncIterator[Desk]:
    async with Gateway.open(system.url) as gateway:
        await sign_up(gateway)
        project = await gateway.post(
            "/v1/projects", {"name": "Outage", "formats": ["instagram-square"]}
        )
        path, canvas = f"/v1/projects/{project['id']}", project["canvases"][0]["id"]
        shape = {"shapeType": "rectangle", "fill": "#112233"}
        box = {"x": 140, "y": 300, "width": 400, "height": 300, "startTime": 0, "duration": 5}
        made = await gateway.post(
            f"{path}/elements",
            {
                "canvasId": canvas,
                "type": "shape",
                "name": "s",
                **box,
                "properties": {"shape": shape},
            },
        )
        yield Desk(gateway, path, made["elements"][0]["id"], canvas)
        await until(lambda: is_ready(gateway), "ready again")


async def is_ready(gateway: Gateway) -> bool:
    return (await ask(gateway, "GET", "/readyz")).status == 200


async def until(done: Callable[[], Awaitable[bool]], what: str) -> None:
    end = time.monotonic() + BACK_WITHIN
    while not await done():
        assert time.monotonic() < end, f"not {what} after {BACK_WITHIN:.0f} s"
        await asyncio.sleep(0.1)


async def everything_arrives_once(desk: Desk) -> None:
    """Analytics has every version of the project, and none twice."""
    version = (await desk.gateway.get(desk.path))["version"]
    project = desk.path.rpartition("/")[2]
    seen = Counter[int]()

    async def arrived() -> bool:
        answer = await ask(
            desk.gateway, "GET", f"/v1/analytics/projects/{project}/events?limit=500"
        )
        rows = [one["eventData"] for one in answer.body["items"]] if answer.status == 200 else []
        seen.clear()
        seen.update(row["version"] for row in rows if row["type"].startswith("projects."))
        return version in seen

    await until(arrived, f"at version {version} in analytics")
    assert sorted(seen.elements()) == list(range(1, version + 1))


async def quickly(asking: Awaitable[Answer], seconds: float) -> Answer:
    """People are told soon, not when some inner time-out has passed."""
    async with asyncio.timeout(seconds):
        return await asking


async def test_without_kafka_edits_go_on_and_arrive_later(system: System, desk: Desk) -> None:
    await everything_arrives_once(desk)
    with hung(system.home, "kafka"):
        for _ in range(5):
            assert (await quickly(desk.edit(), 2)).status == 200
        assert await desk.shown_x() == desk.x
        # then what reads another service's copy says that it is behind
        said = await desk.get("/exports")
        says_try_again(said)
        totals = f"/v1/analytics{desk.path[3:]}"
        behind = await ask(desk.gateway, "GET", totals)
        assert (behind.status, behind.headers.get("Multicanvas-Behind")) == (200, "true")
        # and what nobody there has heard of yet is not said to be missing
        new = await desk.gateway.post(
            "/v1/projects", {"name": "New", "formats": ["instagram-square"]}
        )
        says_try_again(await ask(desk.gateway, "GET", f"/v1/analytics/projects/{new['id']}"))
    await everything_arrives_once(desk)
    assert (await desk.get("/exports")).status == 200


async def test_a_killed_broker_comes_back_and_loses_nothing(system: System, desk: Desk) -> None:
    kill(system.home, "kafka")
    for _ in range(10):
        assert (await quickly(desk.edit(), 2)).status == 200
        await asyncio.sleep(0.2)
    await everything_arrives_once(desk)


async def test_without_the_object_store_only_files_wait(system: System, desk: Desk) -> None:
    content = (MEDIA / "coffee.png").read_bytes()
    wanted = {"filename": "coffee.png", "mimeType": "image/png", "fileSize": len(content)}
    ticket = await desk.gateway.post("/v1/media/uploads", wanted)
    await desk.gateway.put_bytes(ticket, "coffee.png", "image/png", content)
    complete = f"/v1/media/uploads/{ticket['id']}/complete"
    with hung(system.home, "seaweed"):
        said = await asyncio.gather(
            quickly(desk.export(), 20),
            quickly(ask(desk.gateway, "POST", complete), 20),
            quickly(desk.edit(), 5),
        )
        says_try_again(said[0])
        says_try_again(said[1])
        assert said[2].status == 200
        assert (await quickly(desk.get(), 2)).status == 200
    # then the same requests succeed, and one export is made, not two
    done = await ask(desk.gateway, "POST", complete)
    assert (done.status, done.body["status"]) == (200, "ready")
    assert (await desk.export()).status == 202
    exports = await desk.gateway.get("/v1/exports")
    path = f"/v1/exports/{exports['items'][0]['id']}"
    await desk.gateway.until(path, lambda export: export["status"] == "completed", "the file")
    assert len(exports["items"]) == 1


async def test_without_postgresql_everybody_is_told_to_try_again(
    system: System, desk: Desk
) -> None:
    before = (await desk.gateway.get(desk.path))["version"]
    kill(system.home, "postgres")
    said: list[Answer] = []

    async def answered() -> bool:
        asked = (desk.edit(), desk.get(), ask(desk.gateway, "GET", "/v1/me"))
        answers = [await quickly(one, 10) for one in asked]
        said.extend(answers)
        return all(one.status == 200 for one in answers)

    await until(answered, "answering")
    refused = [one for one in said if one.status != 200]
    assert refused, "nobody noticed"
    for one in refused:
        says_try_again(one)
    # then exactly the edits that were confirmed happened
    confirmed = sum(one.status == 200 and "commandNumber" in (one.body or {}) for one in said[::3])
    assert (await desk.gateway.get(desk.path))["version"] == before + confirmed
    await everything_arrives_once(desk)


@pytest.mark.parametrize("take_away", ["hang", "kill"])
async def test_without_valkey_nobody_notices(system: System, desk: Desk, take_away: str) -> None:
    async def work_on() -> None:
        began = time.monotonic()
        for _ in range(5):
            assert (await desk.edit()).status == 200
            assert await desk.shown_x() == desk.x
        assert time.monotonic() - began < 5
        # their own writes are still read back elsewhere
        assert (await desk.get("/exports")).status == 200

    if take_away == "hang":
        with hung(system.home, "valkey"):
            await work_on()
    else:
        kill(system.home, "valkey")
        await work_on()
    await everything_arrives_once(desk)
