"""The access copy follows the projects service and answers for the signed actor only."""

from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from auth import PROJECT_ACCESS_MIGRATIONS
from auth.project_access import ProjectAccess, role_of
from contracts import Envelope, MessageData
from contracts.projects import ProjectCreated, ProjectDeleted
from runtime import MIGRATIONS
from runtime.context import acting
from runtime.ids import event_id, uuid7
from tests.support.parts import Database, DatabaseFactory

ACCESS = ProjectAccess()


@pytest_asyncio.fixture(loop_scope="session")
async def store(database: DatabaseFactory) -> Database:
    return await database("access", [("runtime", MIGRATIONS), ("auth", PROJECT_ACCESS_MIGRATIONS)])


async def tell(store: Database, project_id: UUID, data: MessageData) -> None:
    envelope = Envelope(
        id=event_id(project_id, 1),
        type=data.TYPE,
        source="projects",
        subject=str(project_id),
        sequence=1,
        time=datetime.now(UTC),
        data={},
    )
    async with store.pools.worker.acquire() as connection, connection.transaction():
        await ACCESS.apply(connection, envelope, data)


def created(owner: str) -> ProjectCreated:
    # Only the open part, as after an erasure: the copy needs no key.
    return ProjectCreated(owner_id=owner, social_format_id=UUID(int=1), canvases=[])


async def seen_by(store: Database, actor: str) -> set[UUID]:
    async with acting(store.pools.app, store.signer, actor) as connection:
        return set(await connection.fetchval("select access.my_projects()"))


async def test_the_owner_sees_the_project_and_nobody_else(store: Database) -> None:
    project_id = uuid7()
    await tell(store, project_id, created("u1"))
    assert await seen_by(store, "u1") == {project_id}
    assert await seen_by(store, "u2") == set()
    async with acting(store.pools.app, store.signer, "u1") as connection:
        assert await role_of(connection, project_id) == "owner"
        assert await connection.fetchval("select access.my_editable_projects()") == [project_id]
    async with acting(store.pools.app, store.signer, "u2") as connection:
        assert await role_of(connection, project_id) is None


async def test_a_repeated_event_changes_nothing(store: Database) -> None:
    project_id = uuid7()
    for _ in range(2):
        await tell(store, project_id, created("u1"))
    assert await seen_by(store, "u1") == {project_id}


async def test_a_deleted_project_is_seen_by_nobody(store: Database) -> None:
    project_id = uuid7()
    await tell(store, project_id, created("u1"))
    await tell(store, project_id, ProjectDeleted(owner_id="u1"))
    assert await seen_by(store, "u1") == set()


async def test_a_viewer_may_look_but_not_edit(store: Database) -> None:
    project_id = uuid7()
    await store.pools.worker.execute(
        "insert into project_access values ($1, 'u3', 'viewer', false)", project_id
    )
    assert await seen_by(store, "u3") == {project_id}
    async with acting(store.pools.app, store.signer, "u3") as connection:
        assert await connection.fetchval("select access.my_editable_projects()") == []


async def test_without_a_signed_actor_there_is_nothing(store: Database) -> None:
    await tell(store, uuid7(), created("u1"))
    async with store.pools.app.acquire() as connection, connection.transaction():
        await connection.execute("select set_config('app.actor', 'u1', true)")
        assert await connection.fetchval("select access.my_projects()") == []


@pytest.mark.parametrize(
    "statement",
    [
        "select * from project_access",
        "insert into project_access values (gen_random_uuid(), 'u9', 'admin', true)",
    ],
)
async def test_the_application_role_reads_and_writes_no_row(
    statement: str, store: Database
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await store.pools.app.execute(statement)


async def test_a_rebuild_starts_from_nothing(store: Database) -> None:
    await tell(store, uuid7(), created("u1"))
    async with store.pools.worker.acquire() as connection, connection.transaction():
        await ACCESS.reset(connection)
    assert await seen_by(store, "u1") == set()
