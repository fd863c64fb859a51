"""One edit through the API: what follows, what stays, what is refused."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.support.projects_house import Caller, House, Json


@pytest.fixture
def ana(house: House) -> Caller:
    return house.as_user("ana")


def by_canvas(elements: list[Json]) -> dict[str, Json]:
    return {element["canvasId"]: element for element in elements}


async def elements_of(ana: Caller, project: Json) -> dict[str, Json]:
    told = await ana.get(f"/v1/projects/{project['id']}/elements")
    return by_canvas(told.body["items"])


async def test_a_project_has_a_canvas_per_format_and_answers_with_the_whole_document(
    ana: Caller,
) -> None:
    project = await ana.project()
    assert [canvas["socialFormat"]["width"] for canvas in project["canvases"]] == [
        1080,
        1080,
        1200,
    ]
    assert project["activeCanvasId"] == project["canvases"][0]["id"]
    assert project["projectData"]["canvasConfig"].keys() == {c["id"] for c in project["canvases"]}
    assert (project["version"], project["commandNumber"], project["status"]) == (1, 1, "draft")
    told = await ana.get(f"/v1/projects/{project['id']}")
    assert told.body == project
    assert told.headers["etag"] == '"1"'


async def test_a_synced_element_appears_on_every_canvas_in_one_group(ana: Caller) -> None:
    project = await ana.project()
    answer = await ana.headline(project)
    assert len(answer["elements"]) == 3
    assert len({element["syncGroup"] for element in answer["elements"]}) == 1
    assert {c["id"] for c in answer["canvases"]} == {c["id"] for c in project["canvases"]}
    assert answer["commandNumber"] == 2
    stored = await elements_of(ana, project)
    for element in answer["elements"]:
        same = stored[element["canvasId"]]
        assert {n: v for n, v in same.items() if n != "overrides"} == {
            n: v for n, v in element.items() if n != "overrides"
        }


async def test_an_edit_travels_and_is_one_command_with_one_cause(ana: Caller) -> None:
    project = await ana.project()
    head = (await ana.headline(project))["element"]
    told = await ana.patch(
        f"/v1/projects/{project['id']}/elements/{head['id']}",
        {"properties": {"text": {"content": "New words", "color": "#ff0066"}}},
    )
    assert told.status == 200
    assert len(told.body["elements"]) == 3
    for element in (await elements_of(ana, project)).values():
        assert element["properties"]["text"]["content"] == "New words"
        assert element["properties"]["text"]["color"] == "#ff0066"
    events = (await ana.get(f"/v1/projects/{project['id']}/events?after=4")).body["items"]
    assert [event["type"] for event in events] == ["element_edited"] * 3
    assert len({event["causationId"] for event in events}) == 1
    assert [event["last"] for event in events] == [False, False, True]
    assert [event["data"]["origin"] for event in events] == [True, False, False]


async def test_an_override_stays_until_it_is_reset(ana: Caller) -> None:
    project = await ana.project()
    await ana.headline(project)
    own = list((await elements_of(ana, project)).values())[1]
    path = f"/v1/projects/{project['id']}/elements"
    await ana.patch(
        f"{path}/{own['id']}?scope=canvas", {"properties": {"text": {"color": "#111111"}}}
    )
    first = (await elements_of(ana, project))[project["canvases"][0]["id"]]
    told = await ana.patch(f"{path}/{first['id']}", {"properties": {"text": {"color": "#eeeeee"}}})
    assert [(s["canvasId"], s["reason"]) for s in told.body["skipped"]] == [
        (own["canvasId"], "overridden")
    ]
    listed = (await ana.get(f"{path}/{own['id']}/overrides")).body["items"]
    assert listed == [
        {"path": "properties.text.color", "value": "#111111", "groupValue": "#eeeeee"}
    ]
    told = await ana.delete(f"{path}/{own['id']}/overrides?properties=properties.text.color")
    assert told.body["element"]["properties"]["text"]["color"] == "#eeeeee"
    assert told.body["element"]["overrides"] == []


async def test_a_locked_element_refuses_until_it_is_unlocked(ana: Caller) -> None:
    project = await ana.project()
    head = (await ana.headline(project))["element"]
    path = f"/v1/projects/{project['id']}/elements/{head['id']}"
    assert (await ana.patch(path, {"isLocked": True})).status == 200
    told = await ana.patch(path, {"x": 10})
    assert told.status == 409
    assert told.body["code"] == "element_locked"
    assert told.headers["content-type"] == "application/problem+json"
    assert (await ana.delete(path)).status == 409
    assert (await ana.patch(path, {"isLocked": False, "x": 10})).status == 200


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        ({"opacity": 1.5}, "/opacity"),
        ({"colour": "red"}, "/colour"),
        ({"properties": {"text": {"fontsize": 3}}}, "/properties/text/fontsize"),
        ({"properties": {"text": {"textAlign": "justify"}}}, "/properties/text/textAlign"),
        ({"canvasId": str(uuid4())}, "/canvasId"),
        ({"duration": 0.0001}, "/duration"),
        ({"name": None}, "/name"),
    ],
)
async def test_a_patch_that_breaks_a_rule_is_422_and_says_where(
    ana: Caller, patch: Any, pointer: str
) -> None:
    project = await ana.project("instagram-story")
    head = (await ana.headline(project))["element"]
    told = await ana.patch(f"/v1/projects/{project['id']}/elements/{head['id']}", patch)
    assert told.status == 422
    assert [error["pointer"] for error in told.body["errors"]] == [pointer]


async def test_web_addresses_are_no_sources(ana: Caller) -> None:
    project = await ana.project("instagram-story")
    body = {
        "canvasId": project["canvases"][0]["id"],
        "type": "image",
        "properties": {"media": {"src": "https://example.org/a.png"}},
    }
    told = await ana.post(f"/v1/projects/{project['id']}/elements", body)
    assert told.status == 422


async def test_what_is_not_there_is_404(ana: Caller) -> None:
    project = await ana.project("instagram-story")
    path = f"/v1/projects/{project['id']}"
    assert (await ana.get(f"/v1/projects/{uuid4()}")).status == 404
    assert (await ana.patch(f"{path}/elements/{uuid4()}", {"x": 1})).status == 404
    assert (await ana.get(f"{path}/elements/{uuid4()}")).status == 404
    assert (await ana.delete(f"{path}/canvases/{uuid4()}")).status == 404
    assert (await ana.get("/v1/projects/not-an-id")).status == 404
    assert (await ana.get(f"{path}?version=99")).status == 404


async def test_another_version_in_if_match_is_412_with_what_was_missed(ana: Caller) -> None:
    project = await ana.project()
    head = (await ana.headline(project))["element"]
    path = f"/v1/projects/{project['id']}/elements/{head['id']}"
    await ana.patch(path, {"x": 120})
    told = await ana.patch(path, {"x": 130}, headers={"If-Match": '"4"'})
    assert told.status == 412
    assert told.body["version"] == 7
    first = told.body["missed"][0]
    assert (first["actor"], first["data"]["changes"][0]["before"]) == ("ana", 90)
    assert (await ana.patch(path, {"x": 130}, headers={"If-Match": '"7"'})).status == 200


async def test_the_same_key_gets_the_same_answer_and_nothing_happens_twice(ana: Caller) -> None:
    project = await ana.project()
    head = (await ana.headline(project))["element"]
    path = f"/v1/projects/{project['id']}/elements/{head['id']}"
    headers = {"Idempotency-Key": str(uuid4())}
    first = await ana.patch(path, {"x": 200}, headers=headers)
    twin = await ana.patch(path, {"x": 200}, headers=headers)
    assert (twin.status, twin.body) == (first.status, first.body)
    assert twin.headers["multicanvas-wrote"] == first.headers["multicanvas-wrote"]
    assert (await ana.get(f"/v1/projects/{project['id']}")).body["version"] == 7
    assert (await ana.patch(path, {"x": 201}, headers=headers)).status == 422


async def test_a_clients_own_ids_make_repeating_harmless(ana: Caller) -> None:
    own, element = str(uuid4()), str(uuid4())
    project = await ana.project(id=own)
    again = await ana.project(id=own)
    assert (project["id"], again["version"]) == (own, 1)
    first = await ana.headline(project, id=element)
    second = await ana.headline(project, id=element)
    assert second["version"] == first["version"]
    assert second["element"]["id"] == element


async def test_a_batch_is_all_or_nothing_and_one_command(ana: Caller) -> None:
    project = await ana.project()
    head = (await ana.headline(project))["element"]
    path = f"/v1/projects/{project['id']}/commands"
    edit = {"type": "edit_element", "elementId": head["id"], "patch": {"x": 40}}
    told = await ana.post(path, {"commands": [edit, {**edit, "patch": {"opacity": 7}}]})
    assert told.status == 422
    assert told.body["errors"][0]["pointer"] == "/commands/1/opacity"
    told = await ana.post(
        path,
        {
            "commands": [
                edit,
                {"type": "add_canvas", "body": {"format": "youtube-thumbnail"}},
                {"type": "edit_project", "body": {"name": "Renamed"}},
            ]
        },
    )
    assert told.status == 200
    assert told.body["commandNumber"] == 3
    whole = (await ana.get(f"/v1/projects/{project['id']}")).body
    assert (whole["name"], len(whole["canvases"])) == ("Renamed", 4)


async def test_any_past_version_can_be_read(ana: Caller) -> None:
    project = await ana.project()
    head = (await ana.headline(project))["element"]
    path = f"/v1/projects/{project['id']}"
    before = (await ana.get(path)).body
    await ana.patch(f"{path}/elements/{head['id']}", {"x": 333})
    assert (await ana.get(f"{path}?version=4")).body == before
    assert (await ana.get(f"{path}?version=1")).body == project


async def test_a_new_canvas_takes_over_the_groups_and_asks_to_be_looked_at(ana: Caller) -> None:
    project = await ana.project("instagram-story", "instagram-square")
    await ana.headline(project)
    path = f"/v1/projects/{project['id']}/canvases"
    told = await ana.post(path, {"format": "linkedin-post-landscape"})
    assert told.status == 201
    assert told.body["canvas"]["checkLayout"] is True
    assert len(told.body["elements"]) == 1
    canvas_id = told.body["canvas"]["id"]
    told = await ana.patch(f"{path}/{canvas_id}", {"checkLayout": False, "syncEnabled": False})
    assert told.body["canvas"]["checkLayout"] is False
    head = (await elements_of(ana, project))[project["canvases"][0]["id"]]
    told = await ana.patch(
        f"/v1/projects/{project['id']}/elements/{head['id']}",
        {"properties": {"text": {"content": "Only here"}}},
    )
    assert {s["reason"] for s in told.body["skipped"]} == {"sync_off"}
    await ana.patch(f"{path}/{canvas_id}", {"syncEnabled": True})
    apart = (await elements_of(ana, project))[canvas_id]
    assert "properties.text.content" in apart["overrides"]
    assert apart["properties"]["text"]["content"] == "Fresh today"


async def test_the_last_canvas_stays(ana: Caller) -> None:
    project = await ana.project("instagram-story", "instagram-square")
    path = f"/v1/projects/{project['id']}/canvases"
    await ana.headline(project)
    assert (await ana.delete(f"{path}/{project['canvases'][0]['id']}")).status == 200
    whole = (await ana.get(f"/v1/projects/{project['id']}")).body
    assert whole["activeCanvasId"] == project["canvases"][1]["id"]
    assert len(whole["projectData"]["timeline"]["elements"]) == 1
    told = await ana.delete(f"{path}/{project['canvases'][1]['id']}")
    assert (told.status, told.body["code"]) == (409, "last_canvas")


async def test_deleting_takes_the_group_along_or_only_the_one(ana: Caller) -> None:
    project = await ana.project()
    head = (await ana.headline(project))["element"]
    path = f"/v1/projects/{project['id']}/elements"
    await ana.delete(f"{path}/{head['id']}?scope=canvas")
    left = await elements_of(ana, project)
    assert len(left) == 2
    await ana.delete(f"{path}/{next(iter(left.values()))['id']}")
    assert await elements_of(ana, project) == {}


async def test_projects_are_listed_newest_first_and_found_by_name(
    ana: Caller, house: House
) -> None:
    bea = house.as_user(f"bea-{uuid4()}")
    names = [f"Plan {number}" for number in range(3)]
    for name in names:
        await bea.project("instagram-story", name=name)
    first = (await bea.get("/v1/projects?limit=2")).body
    assert [one["name"] for one in first["items"]] == ["Plan 2", "Plan 1"]
    rest = (await bea.get(f"/v1/projects?limit=2&cursor={first['nextCursor']}")).body
    assert [one["name"] for one in rest["items"]] == ["Plan 0"]
    found = (await bea.get("/v1/projects?q=plan 1")).body["items"]
    assert [one["name"] for one in found] == ["Plan 1"]
    assert (await bea.get("/v1/projects?status=archived")).body["items"] == []


async def test_details_are_merge_patched(ana: Caller) -> None:
    project = await ana.project("instagram-story", description="old")
    path = f"/v1/projects/{project['id']}"
    told = await ana.patch(path, {"description": None, "customizations": {"colors": ["#123456"]}})
    assert told.status == 200
    whole = (await ana.get(path)).body
    assert whole["description"] is None
    assert whole["projectData"]["customizations"]["colors"] == ["#123456"]
    assert (await ana.patch(path, {"name": None})).status == 422
    assert (await ana.patch(path, {"status": "approved"})).status == 422


async def test_edits_at_the_same_time_all_happen_in_some_order(ana: Caller) -> None:
    project = await ana.project()
    head = (await ana.headline(project))["element"]
    path = f"/v1/projects/{project['id']}/elements/{head['id']}"
    told = await asyncio.gather(
        *(ana.patch(path, {"properties": {"text": {"letterSpacing": n}}}) for n in range(1, 9))
    )
    assert [one.status for one in told] == [200] * 8
    whole = (await ana.get(f"/v1/projects/{project['id']}")).body
    assert whole["commandNumber"] == 10
    stored = await elements_of(ana, project)
    events = (await ana.get(f"/v1/projects/{project['id']}/events?limit=500")).body["items"]
    last = [e for e in events if e["data"].get("origin") and e["type"] == "element_edited"][-1]
    spacing = stored[head["canvasId"]]["properties"]["text"]["letterSpacing"]
    assert spacing == last["data"]["changes"][0]["after"]


async def test_twins_with_one_key_are_one_command(ana: Caller) -> None:
    project = await ana.project()
    headers = {"Idempotency-Key": str(uuid4())}
    body = {"canvasId": project["canvases"][0]["id"], "type": "shape", "syncTo": "all"}
    body["properties"] = {"shape": {"fill": "#00ff00"}}
    path = f"/v1/projects/{project['id']}/elements"
    told = await asyncio.gather(*(ana.post(path, body, headers=headers) for _ in range(5)))
    assert [one.status for one in told] == [201] * 5
    assert len({one.body["element"]["id"] for one in told}) == 1
    assert len(await elements_of(ana, project)) == 3


async def test_the_document_can_be_taken_along(ana: Caller) -> None:
    project = await ana.project("instagram-story")
    told = await ana.get(f"/v1/projects/{project['id']}/document")
    assert told.body["format"] == "multicanvas.project/1"
    assert told.body["project"] == project
