"""Preflight, freezing and asking for files."""

from typing import Any
from uuid import uuid4

import orjson
import pytest

import objects
from eventlog.stored import unpack
from scene.document import Document, document_hash
from tests.support.projects_house import Caller, House, Json

STILL: Json = {"format": "png", "quality": "high"}


@pytest.fixture
def ana(house: House) -> Caller:
    return house.as_user("ana")


async def ask(ana: Caller, project: Json, settings: Any, **more: Any) -> Any:
    wish = {"canvasIds": "all", "settings": settings}
    return await ana.post(f"/v1/projects/{project['id']}/exports", wish, **more)


async def test_an_export_freezes_the_canvas_and_publishes_one_request_each(
    ana: Caller, house: House
) -> None:
    project = await ana.project("instagram-square", "linkedin-post-landscape")
    await ana.headline(project, properties={"text": {"content": "Canary words", "fontSize": 90}})
    told = await ask(ana, project, {**STILL, "metadata": {"title": "Canary title"}})
    assert told.status == 202, told.body
    items: list[Json] = told.body["items"]
    assert [one["status"] for one in items] == ["pending", "pending"]
    assert [one["canvasId"] for one in items] == [c["id"] for c in project["canvases"]]
    assert items[1]["exportSettings"]["resolution"] == {"width": 1200, "height": 627}
    stored = [m for m in await house.messages(project["id"]) if "export" in m["topic"]]
    assert len(stored) == 2
    for message, item in zip(stored, items, strict=True):
        data = orjson.loads(unpack(bytes(message["state"])))
        assert data["documentHash"] == item["documentHash"]
        assert "documentKey" not in data
        assert "Canary" not in str(data)
        key = f"documents/{project['id']}/{item['documentHash']}"
        blob = await house.parts.store.get(objects.PROJECTS, key)
        assert b"Canary" not in blob
        plain = await house.parts.sealer.decrypt(blob, key.encode())
        assert plain is not None
        document = Document.from_json(plain)
        assert document_hash(document) == item["documentHash"]
        assert document.version == item["documentVersion"] == 3
        assert b"Canary words" in plain


async def test_findings_that_are_errors_forbid_the_export(ana: Caller) -> None:
    project = await ana.project("instagram-square")
    await ana.headline(project)
    told = await ask(ana, project, {**STILL, "format": "mp4"})
    assert told.status == 409
    assert told.body["findings"][0]["rule"] == "video_unsupported"
    assert told.headers["content-type"] == "application/problem+json"
    assert (await ana.get(f"/v1/projects/{project['id']}")).body["version"] == 2


async def test_media_on_its_way_asks_for_patience_then_comes_in(ana: Caller, house: House) -> None:
    project = await ana.project("instagram-square")
    body = {
        "canvasId": project["canvases"][0]["id"],
        "type": "image",
        "properties": {"media": {"src": f"media:{uuid4()}"}},
    }
    added = await ana.post(f"/v1/projects/{project['id']}/elements", body)
    told = await ask(ana, project, STILL)
    assert told.status == 409
    assert 1 <= int(told.headers["retry-after"]) <= 30
    ready = await house.media("ana")
    await ana.patch(
        f"/v1/projects/{project['id']}/elements/{added.body['element']['id']}",
        {"properties": {"media": {"src": f"media:{ready}"}}},
    )
    assert (await ask(ana, project, STILL)).status == 202


@pytest.mark.parametrize(
    ("settings", "pointer"),
    [
        ({"format": "avi"}, "/settings/format"),
        ({"format": "png", "quality": "best"}, "/settings/quality"),
        ({"format": "png", "resolution": {"width": 500, "height": 100}}, "/settings/resolution"),
        (
            {"format": "png", "watermark": {"enabled": True, "position": "middle"}},
            "/settings/watermark/position",
        ),
        ({"format": "png", "fps": 0}, "/settings/fps"),
    ],
)
async def test_settings_outside_the_seeds_sets_are_422(
    ana: Caller, settings: Json, pointer: str
) -> None:
    project = await ana.project("instagram-square")
    await ana.headline(project)
    told = await ask(ana, project, settings)
    assert told.status == 422
    assert told.body["errors"][0]["pointer"] == pointer


async def test_the_same_key_asks_only_once(ana: Caller) -> None:
    project = await ana.project("instagram-square")
    await ana.headline(project)
    headers = {"Idempotency-Key": str(uuid4())}
    first = await ask(ana, project, STILL, headers=headers)
    again = await ask(ana, project, STILL, headers=headers)
    assert again.body == first.body
    events = (await ana.get(f"/v1/projects/{project['id']}/events")).body["items"]
    assert [e["type"] for e in events].count("export_requested") == 1


async def test_an_export_changes_nothing_that_people_edited(ana: Caller) -> None:
    project = await ana.project("instagram-square")
    await ana.headline(project)
    before = (await ana.get(f"/v1/projects/{project['id']}")).body
    await ask(ana, project, STILL)
    after = (await ana.get(f"/v1/projects/{project['id']}")).body
    assert after["version"] == before["version"] + 1
    assert after["lastEditedAt"] == before["lastEditedAt"]
    assert after["projectData"] == before["projectData"]


async def test_a_text_under_the_apps_controls_is_found_with_a_fix_that_works(ana: Caller) -> None:
    project = await ana.project("instagram-story")
    await ana.headline(project, y=1700, syncTo=None)
    path = f"/v1/projects/{project['id']}"
    found = (await ana.get(f"{path}/preflight")).body["items"]
    worst = found[0]
    assert (worst["rule"], worst["severity"]) == ("text_outside_safe", "error")
    told = await ana.post(f"{path}/commands", {"commands": [worst["fix"]["command"]]})
    assert told.status == 200
    assert told.body["canvases"][0]["errors"] == 0
    assert not [
        one
        for one in (await ana.get(f"{path}/preflight")).body["items"]
        if one["severity"] == "error"
    ]
