"""Who sees and changes what: over HTTP, and by row-level security under it."""

from uuid import UUID, uuid4

import asyncpg
import pytest

from runtime.context import act_as, acting
from tests.support.projects_house import House, Json


@pytest.fixture
async def shared(house: House) -> Json:
    """A project of Ana with an element; Vic views, Eda edits, Max edits without the flag."""
    ana = house.as_user("ana")
    project = await ana.project("instagram-story", "instagram-square")
    await ana.headline(project)
    await house.collaborator(project["id"], "vic", "viewer", canComment=True)
    await house.collaborator(project["id"], "eda", "editor", canEdit=True, canExport=True)
    await house.collaborator(project["id"], "max", "editor", canComment=True)
    await house.collaborator(project["id"], "xia", "viewer", canExport=True)
    return project


@pytest.mark.parametrize(
    ("person", "read", "edit", "export", "delete"),
    [
        ("ana", 200, 200, 202, 204),
        ("eda", 200, 200, 202, 403),
        ("max", 200, 403, 403, 403),
        ("vic", 200, 403, 403, 403),
        ("xia", 200, 403, 202, 403),
        ("zoe", 404, 404, 404, 404),
    ],
)
async def test_role_and_flag_decide_what_a_person_may_do(
    house: House, shared: Json, person: str, read: int, edit: int, export: int, delete: int
) -> None:
    caller, path = house.as_user(person), f"/v1/projects/{shared['id']}"
    element = (await house.as_user("ana").get(f"{path}/elements")).body["items"][0]
    wish = {"canvasIds": "all", "settings": {"format": "png", "quality": "low"}}
    assert (await caller.get(path)).status == read
    assert (await caller.get(f"{path}/events")).status == read
    assert (await caller.patch(f"{path}/elements/{element['id']}", {"x": 100})).status == edit
    assert (await caller.patch(path, {"name": "Mine"})).status == edit
    assert (await caller.post(f"{path}/exports", wish)).status == export
    version = (await house.as_user("ana").get(path)).body["version"]
    events = (await house.as_user("ana").get(f"{path}/events?limit=500")).body["items"]
    assert version == events[-1]["version"]
    assert (await caller.delete(path)).status == delete


async def test_nobody_reads_or_writes_without_signing_in(house: House, shared: Json) -> None:
    nobody = house.as_user(None)
    assert (await nobody.get(f"/v1/projects/{shared['id']}")).status == 401
    assert (
        await nobody.post("/v1/projects", {"name": "x", "formats": ["tiktok-video"]})
    ).status == 401


async def test_someone_removed_loses_access_at_once(house: House, shared: Json) -> None:
    eda, path = house.as_user("eda"), f"/v1/projects/{shared['id']}"
    assert (await eda.get(path)).status == 200
    await house.parts.pools.worker.execute(
        """update project_collaborators set status = 'removed'
            where project_id = $1 and user_id = 'eda'""",
        UUID(shared["id"]),
    )
    assert (await eda.get(path)).status == 404
    assert (await eda.patch(path, {"name": "still mine"})).status == 404
    listed = (await eda.get("/v1/projects?limit=100")).body["items"]
    assert shared["id"] not in {one["id"] for one in listed}


STATEMENTS = {
    "select projects": "select 1 from projects where id = $1",
    "update projects": "update projects set name = name where id = $1 returning 1",
    "delete projects": "delete from projects where id = $1 returning 1",
    "select elements": "select 1 from timeline_elements where project_id = $1 limit 1",
    "update elements": "update timeline_elements set x = x where project_id = $1 returning 1",
    "delete elements": "delete from timeline_elements where project_id = $1 returning 1",
    "select collaborators": "select 1 from project_collaborators where project_id = $1 limit 1",
    "read the log": "select 1 from eventlog.load_events($1, 0) limit 1",
}
OWNER = set(STATEMENTS)
READER = {"select projects", "select elements", "select collaborators", "read the log"}
EDITOR = READER | {"update projects", "update elements", "delete elements"}


@pytest.mark.parametrize(
    ("person", "allowed"),
    [
        ("ana", OWNER),
        ("eda", EDITOR),
        ("max", READER),
        ("vic", READER),
        ("zoe", set[str]()),
        ("anonymous", set[str]()),
    ],
)
async def test_row_level_security_matrix(
    house: House, shared: Json, person: str, allowed: set[str]
) -> None:
    seen: set[str] = set()
    for name, statement in STATEMENTS.items():
        async with house.parts.pools.app.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            await act_as(connection, house.parts.desk.signer, person)
            if await connection.fetchval(statement, UUID(shared["id"])):
                seen.add(name)
            await transaction.rollback()
    assert seen == allowed


@pytest.mark.parametrize(
    "statement",
    [
        "update projects set owner_id = 'eda'",
        "update timeline_elements set project_id = gen_random_uuid()",
        "insert into project_collaborators (project_id, user_id, role, permissions)"
        " values (gen_random_uuid(), 'eda', 'admin', '{}')",
        "update project_collaborators set role = 'admin'",
        "insert into templates (name, category_id, social_format_id, thumbnail_url, template_data)"
        " select 'x', id, id, '', '{}' from template_categories limit 1",
        "update social_formats set width = 1",
        "select * from eventlog.events",
        "insert into media_assets values (gen_random_uuid())",
    ],
)
async def test_the_application_role_cannot_even_try(house: House, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with acting(house.parts.pools.app, house.parts.desk.signer, "eda") as connection:
            await connection.execute(statement)


async def test_an_unsigned_context_sees_nothing(house: House, shared: Json) -> None:
    async with house.parts.pools.app.acquire() as connection, connection.transaction():
        await connection.execute("select set_config('app.actor', 'ana', true)")
        assert await connection.fetch("select 1 from projects") == []
        assert await connection.fetch("select 1 from timeline_elements") == []


async def test_an_element_cannot_be_put_into_somebody_elses_project(
    house: House, shared: Json
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with acting(house.parts.pools.app, house.parts.desk.signer, "vic") as connection:
            await connection.execute(
                """insert into timeline_elements (project_id, canvas_id, type, name, track_index,
                     start_time, duration, properties)
                   values ($1, $2, 'text', 'x', 0, 0, 1, '{}')""",
                UUID(shared["id"]),
                str(uuid4()),
            )


async def test_somebody_elses_media_stay_unknown(house: House) -> None:
    ana = house.as_user("ana")
    own, foreign = await house.media("ana"), await house.media("zoe")
    project = await ana.project("instagram-square")
    path = f"/v1/projects/{project['id']}"
    for media in (own, foreign):
        body = {
            "canvasId": project["canvases"][0]["id"],
            "type": "image",
            "properties": {"media": {"src": f"media:{media}"}},
        }
        assert (await ana.post(f"{path}/elements", body)).status == 201
    found = (await ana.get(f"{path}/preflight")).body["items"]
    pending = [one for one in found if one["rule"] == "media_pending"]
    assert len(pending) == 1
