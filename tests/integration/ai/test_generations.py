"""From a request to a result: queue, worker, provider, events."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

from aiohttp import web

import objects
from contracts import topics
from contracts.ai import (
    AiGenerationApplyRequested,
    AiGenerationFailed,
    AiGenerationRequested,
    AiImageGenerated,
    AiTextGenerated,
)
from contracts.media import MediaReady
from contracts.projects import (
    AiGenerationApplied,
    AiGenerationApplyRefused,
    ProjectDeleted,
)
from runtime.ids import uuid7
from tests.support.bus import eventually
from tests.support.provider import Reply, fails, writes
from tests.support.services import Caller, House, Json, message

SETTLED = {"completed", "failed", "refused"}


def somebody() -> str:
    return f"ana-{uuid4().hex[:8]}"


async def ask(caller: Caller, project: UUID, kind: str = "text", **body: Any) -> Json:
    wanted: Json = {"prompt": "forest morning coffee", **body}
    if kind == "images":
        wanted = {"width": 256, "height": 320} | wanted
    told = await caller.post(f"/v1/projects/{project}/ai/{kind}", wanted)
    assert told.status == 202, told.body
    assert told.body["status"] == "pending"
    return told.body


async def settled(caller: Caller, generation_id: str, seconds: float = 20) -> Json:
    found: Json = {}

    async def holds() -> bool:
        found.update((await caller.get(f"/v1/ai/generations/{generation_id}")).body)
        return found.get("status") in SETTLED

    assert await eventually(holds, seconds), found
    return found


async def test_a_text_is_asked_for_made_and_told(house: House) -> None:
    ana = somebody()
    project, caller = await house.project(ana), house.caller("ai", ana)
    queued = await ask(caller, project, context={"platform": "instagram", "contentType": "caption"})
    made = await settled(caller, queued["id"])
    assert made["status"] == "completed"
    assert "forest" in made["generatedText"].lower()
    assert len(made["alternatives"]) == 2
    assert (made["cost"], made["provider"]) == ("0.000000", "builtin")

    asked = await house.heard(topics.AI, queued["id"], AiGenerationRequested)
    told = await house.heard(topics.AI, queued["id"], AiTextGenerated)
    assert (asked.sequence, told.sequence, told.actor) == (1, 2, ana)
    assert "forest" not in asked.model_dump_json()
    assert made["generatedText"] not in told.model_dump_json()
    assert (await house.unsealed(told))["generatedText"] == made["generatedText"]


async def test_a_result_is_asked_to_be_put_into_its_element(house: House) -> None:
    ana, element = somebody(), uuid7()
    project, caller = await house.project(ana), house.caller("ai", ana)
    queued = await ask(caller, project, applyTo=str(element))
    made = await settled(caller, queued["id"])
    told = await house.heard(topics.AI, queued["id"], AiGenerationApplyRequested)
    assert (told.sequence, told.data["elementId"], told.actor) == (3, str(element), ana)
    assert (await house.unsealed(told))["text"] == made["generatedText"]
    applied = AiGenerationApplied(
        generation_id=UUID(queued["id"]), canvas_id=uuid7(), element_id=element
    )
    await house.tell(message(applied, str(project), 2, ana), topic=topics.PROJECTS)
    used = "SELECT is_used FROM ai_text_generations WHERE id = $1"
    await house.until("ai", used, True, UUID(queued["id"]))
    again = await caller.post(
        f"/v1/ai/generations/{queued['id']}/apply", {"elementId": str(element), "alternative": 0}
    )
    assert again.status == 202
    refused = AiGenerationApplyRefused(
        generation_id=UUID(queued["id"]), element_id=element, reason="element_locked"
    )
    await house.tell(message(refused, str(project), 3, ana), topic=topics.PROJECTS)
    error = "SELECT apply_error FROM generation_jobs WHERE id = $1"
    await house.until("ai", error, "element_locked", UUID(queued["id"]))


async def test_an_image_is_stored_and_becomes_a_file_of_the_library(house: House) -> None:
    ana = somebody()
    project, caller = await house.project(ana), house.caller("ai", ana)
    queued = await ask(caller, project, "images")
    made = await settled(caller, queued["id"])
    assert (made["status"], made["width"], made["height"]) == ("completed", 256, 320)
    told = await house.unsealed(await house.heard(topics.AI, queued["id"], AiImageGenerated))
    assert told["objectKey"].startswith(f"generated/{queued['id']}/")
    async with house.browser.get(made["imageUrl"]) as answer:
        image = await answer.read()
    assert image.startswith(b"\x89PNG")
    assert len(image) == told["fileSize"]
    ready = await house.heard(topics.MEDIA, made["mediaId"], MediaReady)
    assert ready.data["generationId"] == queued["id"]
    library = house.caller("media", ana)
    assert (await library.get(f"/v1/media/{made['mediaId']}")).body["sha256"] == told["sha256"]

    assert (await caller.delete(f"/v1/ai/generations/{queued['id']}")).status == 204
    assert (await caller.get(f"/v1/ai/generations/{queued['id']}")).status == 404
    await house.until("ai", "SELECT count(*) FROM doomed_objects", 0)
    assert await house.store.size(objects.AI, told["objectKey"]) is None
    assert (await library.get(f"/v1/media/{made['mediaId']}")).status == 200


async def test_the_same_key_makes_one_generation(house: House) -> None:
    ana = somebody()
    project, caller = await house.project(ana), house.caller("ai", ana)
    body = {"prompt": "forest morning"}
    path = f"/v1/projects/{project}/ai/text"
    told = await asyncio.gather(*(caller.post(path, body, Idempotency_Key="k") for _ in range(4)))
    assert {one.status for one in told} == {202}
    assert len({one.body["id"] for one in told}) == 1
    other = await caller.post(path, {"prompt": "something else"}, Idempotency_Key="k")
    assert other.status == 422
    assert len((await caller.get(path)).body["items"]) == 1


async def test_an_id_is_used_once(house: House) -> None:
    ana = somebody()
    project, caller = await house.project(ana), house.caller("ai", ana)
    chosen = str(uuid7())
    await ask(caller, project, id=chosen)
    told = await caller.post(f"/v1/projects/{project}/ai/text", {"prompt": "x y", "id": chosen})
    assert (told.status, told.body["type"]) == (409, "/problems/generation-exists")


async def test_a_provider_that_is_off_is_named_as_such(house: House) -> None:
    ana = somebody()
    project, caller = await house.project(ana), house.caller("ai", ana)
    told = await caller.post(
        f"/v1/projects/{project}/ai/text", {"prompt": "forest", "provider": "anthropic"}
    )
    assert (told.status, told.body["type"]) == (422, "/problems/provider-is-off")
    assert "builtin, openai" in told.body["detail"]
    body = {"prompt": "f", "provider": "runware", "width": 64, "height": 64}
    assert (await caller.post(f"/v1/projects/{project}/ai/images", body)).status == 422
    offered = {one["name"]: one for one in (await caller.get("/v1/ai/providers")).body["items"]}
    assert set(offered) == {"builtin", "openai"}
    assert not offered["builtin"]["isAi"]


async def test_a_provider_that_stumbles_is_asked_again(house: House) -> None:
    ana = somebody()
    project, caller = await house.project(ana), house.caller("ai", ana)
    house.provider.will(fails(429, retry_after="0.2"), fails(503, retry_after="0.2"), writes("Hi"))
    made = await settled(caller, (await ask(caller, project, provider="openai"))["id"])
    assert (made["status"], made["generatedText"], made["tokensUsed"]) == ("completed", "Hi", 120)
    assert made["cost"] == "0.000020"
    assert len(house.provider.seen) == 3


async def test_a_provider_that_keeps_failing_is_given_up_on(house: House) -> None:
    ana = somebody()
    project, caller = await house.project(ana), house.caller("ai", ana)
    house.provider.will(*(fails(503, retry_after="0.1") for _ in range(5)))
    queued = await ask(caller, project, provider="openai")
    failed = await settled(caller, queued["id"])
    assert (failed["status"], failed["errorCode"]) == ("failed", "serverError")
    assert len(house.provider.seen) == 3
    assert "SECRET" not in str(failed)
    told = await house.heard(topics.AI, queued["id"], AiGenerationFailed)
    assert (told.data["code"], told.data["refused"]) == ("serverError", False)
    ledger = "SELECT count(*) FROM ai_text_generations WHERE id = $1"
    assert await house.rows("ai").fetchval(ledger, UUID(queued["id"])) == 0


async def test_a_refusal_is_never_asked_again(house: House) -> None:
    ana = somebody()
    project, caller = await house.project(ana), house.caller("ai", ana)
    house.provider.will(fails(400, "content_policy_violation"))
    queued = await ask(caller, project, provider="openai")
    refused = await settled(caller, queued["id"])
    assert (refused["status"], refused["errorCode"]) == ("refused", "safety")
    assert len(house.provider.seen) == 1
    told = await caller.post(
        f"/v1/ai/generations/{queued['id']}/apply", {"elementId": str(uuid7())}
    )
    assert (told.status, told.body["type"]) == (409, "/problems/generation-not-completed")


class Held:
    """A reply that comes when it is let go."""

    def __init__(self, reply: Reply) -> None:
        self.asked, self.go = asyncio.Event(), asyncio.Event()
        self._reply = reply

    async def __call__(self) -> web.StreamResponse:
        self.asked.set()
        await self.go.wait()
        return await self._reply()


async def test_a_worker_thought_dead_changes_nothing_when_it_comes_back(house: House) -> None:
    ana = somebody()
    project, caller = await house.project(ana), house.caller("ai", ana)
    first = Held(writes("too late"))
    house.provider.will(first, writes("in time"))
    queued = await ask(caller, project, provider="openai")
    await asyncio.wait_for(first.asked.wait(), 10)
    await house.rows("ai").execute(
        "UPDATE generation_jobs SET lease_until = now() - interval '1 second' WHERE id = $1",
        UUID(queued["id"]),
    )
    made = await settled(caller, queued["id"])
    assert made["generatedText"] == "in time"
    first.go.set()
    await asyncio.sleep(0.5)
    assert (await settled(caller, queued["id"]))["generatedText"] == "in time"
    await house.heard(topics.AI, queued["id"], AiTextGenerated)
    assert len(house.provider.seen) == 2


async def test_a_late_failure_does_not_put_anothers_work_back(house: House) -> None:
    ana = somebody()
    project, caller = await house.project(ana), house.caller("ai", ana)
    first, second = Held(fails(503, retry_after="0.1")), Held(writes("in time"))
    house.provider.will(first, second)
    queued = await ask(caller, project, provider="openai")
    await asyncio.wait_for(first.asked.wait(), 10)
    await house.rows("ai").execute(
        "UPDATE generation_jobs SET lease_until = now() - interval '1 second' WHERE id = $1",
        UUID(queued["id"]),
    )
    await asyncio.wait_for(second.asked.wait(), 10)
    first.go.set()
    await asyncio.sleep(1)
    assert (await caller.get(f"/v1/ai/generations/{queued['id']}")).body["status"] == "running"
    second.go.set()
    assert (await settled(caller, queued["id"]))["generatedText"] == "in time"
    assert len(house.provider.seen) == 2


async def test_a_result_that_is_not_wanted_any_more_is_dropped(house: House) -> None:
    ana = somebody()
    project, caller = await house.project(ana), house.caller("ai", ana)
    held = Held(writes("too late"))
    house.provider.will(held)
    queued = await ask(caller, project, provider="openai")
    await asyncio.wait_for(held.asked.wait(), 10)
    assert (await caller.delete(f"/v1/ai/generations/{queued['id']}")).status == 204
    held.go.set()
    await asyncio.sleep(0.5)
    told = [one.type for one in await house.on_the_bus(topics.AI, queued["id"])]
    assert told == ["ai.ai_generation_requested.v1", "ai.ai_generation_deleted.v1"]


async def test_a_project_that_is_not_mine_does_not_exist(house: House) -> None:
    project = await house.project(somebody())
    eve = house.caller("ai", somebody())
    body = {"prompt": "forest", "width": 64, "height": 64}
    for answer in (
        await eve.post(f"/v1/projects/{project}/ai/text", {"prompt": "forest"}),
        await eve.post(f"/v1/projects/{project}/ai/images", body),
        await eve.get(f"/v1/projects/{project}/ai/text"),
        await eve.get(f"/v1/projects/{project}/ai/images"),
    ):
        assert (answer.status, answer.body["type"]) == (404, "/problems/project-not-found")


async def test_viewers_look_and_generate_nothing(house: House) -> None:
    project, ben = await house.project(somebody()), somebody()
    await house.rows("ai").execute(
        "INSERT INTO project_access (project_id, user_id, role) VALUES ($1, $2, 'viewer')",
        project,
        ben,
    )
    caller = house.caller("ai", ben)
    assert (await caller.get(f"/v1/projects/{project}/ai/text")).status == 200
    told = await caller.post(f"/v1/projects/{project}/ai/text", {"prompt": "forest"})
    assert told.status == 403


async def test_a_generation_is_nobody_elses(house: House) -> None:
    ana = somebody()
    project, caller = await house.project(ana), house.caller("ai", ana)
    queued = await ask(caller, project)
    await settled(caller, queued["id"])
    eve = somebody()
    path = f"/v1/ai/generations/{queued['id']}"
    thief = house.caller("ai", eve)
    for answer in (
        await thief.get(path),
        await thief.delete(path),
        await thief.post(f"{path}/apply", {"elementId": str(uuid7())}),
        await thief.ask("PUT", f"{path}/rating", {"stars": 1}),
    ):
        assert answer.status in (403, 404)
    assert (await thief.get("/v1/ai/generations")).body["items"] == []
    for table in ("generation_jobs", "ai_text_generations"):
        assert await house.seen_by("ai", eve, f"SELECT id FROM {table}") == []
        assert len(await house.seen_by("ai", ana, f"SELECT id FROM {table}")) == 1
    rated = await caller.ask("PUT", f"{path}/rating", {"stars": 5, "feedback": "lovely"})
    assert rated.status == 200
    assert (await caller.get(path)).body["userRating"] == 5


async def test_lists_come_in_pages(house: House) -> None:
    ana = somebody()
    project, caller = await house.project(ana), house.caller("ai", ana)
    ids = [(await ask(caller, project))["id"] for _ in range(5)]
    seen: list[str] = []
    page: Json = {}
    cursor = ""
    while len(seen) < 5:
        page = (await caller.get(f"/v1/projects/{project}/ai/text?limit=2{cursor}")).body
        seen += [one["id"] for one in page["items"]]
        cursor = f"&cursor={page['nextCursor']}"
    assert seen == ids[::-1]
    assert page["nextCursor"] is None


Leave = Callable[[House, str, UUID], Awaitable[None]]


async def delete_project(house: House, owner: str, project: UUID) -> None:
    data = ProjectDeleted(owner_id=owner)
    await house.tell(message(data, str(project), 2, owner), topic=topics.PROJECTS)


async def test_a_deleted_project_or_person_takes_generations_along(house: House) -> None:
    leaving: list[Leave] = [delete_project, lambda house, owner, _: house.depart(owner)]
    for leave in leaving:
        ana = somebody()
        project, caller = await house.project(ana), house.caller("ai", ana)
        text, image = await ask(caller, project), await ask(caller, project, "images")
        await settled(caller, text["id"])
        await settled(caller, image["id"])
        told = await house.unsealed(await house.heard(topics.AI, image["id"], AiImageGenerated))
        assert await house.store.size(objects.AI, told["objectKey"])
        await leave(house, ana, project)
        for table in ("generation_jobs", "ai_text_generations", "ai_image_generations"):
            left = f"SELECT count(*) FROM {table} WHERE user_id = $1"
            await house.until("ai", left, 0, ana)
        await house.until("ai", "SELECT count(*) FROM doomed_objects", 0)
        assert await house.store.size(objects.AI, told["objectKey"]) is None
