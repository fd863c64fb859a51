"""What other services' events make of a project, and what is left after deletions."""

from uuid import UUID, uuid4

import objects
from contracts import MessageData
from contracts.ai import AiGenerationApplyRequested
from contracts.identity import UserDeleted
from contracts.media import MediaDeleted
from contracts.projects import ProjectDeleted
from eventlog.consuming import Reaction
from projects.projections.media import MediaAssets
from projects.subscribers import DeletedProjects, DepartedUsers, GenerationsToApply
from tests.support.projects_house import House, Json, envelope


async def heard(house: House, reaction: Reaction, data: MessageData, subject: str) -> None:
    async with house.parts.pools.worker.acquire() as connection, connection.transaction():
        await reaction.handle(connection, envelope(data, subject), data)


def wanted(
    project: Json, element: str, user: str = "ana", **result: str
) -> AiGenerationApplyRequested:
    return AiGenerationApplyRequested.model_validate(
        {
            "projectId": project["id"],
            "userId": user,
            "kind": "text",
            "provider": "builtin",
            "elementId": element,
            **result,
        }
    )


async def test_a_generated_text_is_written_as_the_person_who_asked(house: House) -> None:
    ana = house.as_user("ana")
    project = await ana.project("instagram-story", "instagram-square")
    head = (await ana.headline(project))["element"]
    generation = str(uuid4())
    data = wanted(project, head["id"], text="Words by a machine")
    await heard(house, GenerationsToApply(house.parts.desk), data, generation)
    whole = (await ana.get(f"/v1/projects/{project['id']}")).body
    elements: list[Json] = whole["projectData"]["timeline"]["elements"]
    assert {e["properties"]["text"]["content"] for e in elements} == {"Words by a machine"}
    assert {(e["aiGenerated"], e["aiGenerationId"], e["aiProvider"]) for e in elements} == {
        (True, generation, "builtin")
    }
    assert {e["lastEditedBy"] for e in elements} == {"ana"}
    assert whole["aiGenerationsUsed"] == 1
    events = (await ana.get(f"/v1/projects/{project['id']}/events?after=3")).body["items"]
    assert [e["type"] for e in events] == ["element_edited"] * 2 + ["ai_generation_applied"]
    assert {e["actor"] for e in events} == {"ana"}
    assert len({e["commandId"] for e in events}) == 1


async def test_a_generated_picture_becomes_the_background(house: House) -> None:
    ana = house.as_user("ana")
    project = await ana.project("instagram-story")
    body = {
        "canvasId": project["canvases"][0]["id"],
        "type": "background",
        "properties": {"shape": {"fill": "#112233"}},
    }
    element = (await ana.post(f"/v1/projects/{project['id']}/elements", body)).body["element"]
    media = await house.media("ana")
    data = wanted(project, element["id"], mediaId=media)
    await heard(house, GenerationsToApply(house.parts.desk), data, str(uuid4()))
    path = f"/v1/projects/{project['id']}/elements/{element['id']}"
    properties = (await ana.get(path)).body["properties"]
    assert properties["media"]["src"] == f"media:{media}"
    assert "shape" not in properties


async def test_what_the_rules_forbid_is_refused_with_a_reason(house: House) -> None:
    ana = house.as_user("ana")
    project = await ana.project("instagram-story")
    head = (await ana.headline(project))["element"]
    path = f"/v1/projects/{project['id']}"
    await ana.patch(f"{path}/elements/{head['id']}", {"isLocked": True})
    await house.collaborator(project["id"], "vic", "viewer", canComment=True)
    react = GenerationsToApply(house.parts.desk)
    await heard(house, react, wanted(project, head["id"], text="x"), str(uuid4()))
    await heard(house, react, wanted(project, str(uuid4()), text="x"), str(uuid4()))
    await heard(house, react, wanted(project, head["id"], "vic", text="x"), str(uuid4()))
    await heard(house, react, wanted({"id": str(uuid4())}, head["id"], text="x"), str(uuid4()))
    events = (await ana.get(f"{path}/events?after=3")).body["items"]
    assert [e["data"]["reason"] for e in events] == [
        "element_locked",
        "unknown_element",
        "not_allowed",
    ]


async def test_deleting_a_project_leaves_no_row_no_document_and_no_key(house: House) -> None:
    ana = house.as_user("ana")
    project = await ana.project("instagram-square")
    await ana.headline(project)
    await house.collaborator(project["id"], "eda", "editor", canEdit=True)
    path = f"/v1/projects/{project['id']}"
    asked = await ana.post(f"{path}/exports", {"canvasIds": "all", "settings": {"format": "png"}})
    digest = asked.body["items"][0]["documentHash"]
    assert (await ana.delete(path)).status == 204
    assert (await ana.get(path)).status == 404
    assert (await ana.get(f"{path}/events")).status == 404
    for table, column in (
        ("projects", "id"),
        ("timeline_elements", "project_id"),
        ("project_collaborators", "project_id"),
    ):
        count = await house.parts.pools.worker.fetchval(
            f"select count(*) from {table} where {column} = $1", UUID(project["id"])
        )
        assert count == 0
    react = DeletedProjects(house.parts.keys, house.parts.desk.documents)
    await heard(house, react, ProjectDeleted(owner_id="ana"), project["id"])
    key = f"documents/{project['id']}/{digest}"
    assert await house.parts.store.size(objects.PROJECTS, key) is None
    left = await house.parts.keys_pool.fetchval(
        "select count(*) from keys where project_id = $1", UUID(project["id"])
    )
    assert left == 0
    assert (await ana.delete(path)).status == 404


async def test_a_person_who_leaves_takes_their_projects_along_and_their_name_out_of_others(
    house: House,
) -> None:
    gus, ana = house.as_user("gus"), house.as_user("ana")
    own = await gus.project("instagram-story")
    other = await ana.project("instagram-story")
    await house.collaborator(other["id"], "gus", "editor", canEdit=True)
    await gus.patch(f"/v1/projects/{other['id']}", {"name": "By Gus"})
    await house.media("gus")
    react = DepartedUsers(house.parts.desk)
    await heard(house, react, UserDeleted(), "gus")
    await heard(house, react, UserDeleted(), "gus")
    assert (await gus.get(f"/v1/projects/{own['id']}")).status == 404
    kept = (await ana.get(f"/v1/projects/{other['id']}")).body
    assert (kept["name"], kept["lastEditedBy"]) == ("By Gus", None)
    worker = house.parts.pools.worker
    assert await worker.fetchval("select count(*) from media_assets where user_id = 'gus'") == 0
    events = await house.messages(own["id"])
    assert events[-1]["topic"] == "projects.project_deleted"


async def test_a_deleted_file_is_missing_at_once(house: House) -> None:
    ana = house.as_user("ana")
    media = await house.media("ana")
    project = await ana.project("instagram-square")
    body = {
        "canvasId": project["canvases"][0]["id"],
        "type": "image",
        "properties": {"media": {"src": f"media:{media}"}},
    }
    path = f"/v1/projects/{project['id']}"
    await ana.post(f"{path}/elements", body)
    assert (await ana.get(f"{path}/preflight")).body["items"] == []
    async with house.parts.pools.worker.acquire() as connection, connection.transaction():
        data = MediaDeleted(user_id="ana")
        await MediaAssets().apply(connection, envelope(data, media), data)
    found = (await ana.get(f"{path}/preflight")).body["items"]
    assert [one["rule"] for one in found] == ["media_pending"]
