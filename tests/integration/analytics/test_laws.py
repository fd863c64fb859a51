"""The projections of analytics keep the laws, and say what they should."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from analytics.app import MIGRATIONS
from analytics.projections.project_analytics import ProjectAnalytics
from analytics.projections.project_totals import ProjectTotals
from auth.project_access import ProjectAccess
from contracts import Envelope, MessageData
from contracts.ai import AiGenerationRequested, AiTextGenerated
from contracts.analytics import ActivityRecorded
from contracts.projects import (
    CanvasDeleted,
    Change,
    ElementAdded,
    ElementDeleted,
    ElementEdited,
    ProjectDeleted,
    ProjectEdited,
)
from contracts.render import ExportCompleted, ExportFailed, ExportQueued, ExportStarted
from eventlog.consuming import Projection
from runtime import clock
from tests.support.parts import Database, DatabaseFactory
from tests.support.projection_laws import LawBroken, check_projection_laws
from tests.support.services import message, project_created

OLD = clock.now() - timedelta(days=3 * 366)
TABLES: dict[str, Projection] = {
    "project_access": ProjectAccess(),
    "project_analytics": ProjectAnalytics(),
    "project_totals": ProjectTotals(),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def store(database: DatabaseFactory) -> Database:
    return await database("laws", MIGRATIONS)


def history(subject: UUID, actor: str, *facts: MessageData, old: int = 0) -> list[Envelope]:
    """One aggregate's messages; the first `old` of them are older than any retention."""
    return [
        message(
            data,
            str(subject),
            place + 1,
            actor,
            time=OLD + timedelta(seconds=place) if place < old else None,
            last=not isinstance(data, ElementEdited) or data.origin,
        )
        for place, data in enumerate(facts)
    ]


def project_of(owner: str, *, old: int = 0, deleted: bool = False) -> tuple[UUID, list[Envelope]]:
    """A project with elements, a synced edit of three facts, a generation, exports and a visit."""
    project, canvas, element = uuid4(), uuid4(), uuid4()
    width = [Change(path="width", before=1, after=2)]

    def edit(*, origin: bool) -> ElementEdited:
        return ElementEdited(canvas_id=canvas, element_id=element, changes=width, origin=origin)

    facts: list[MessageData] = [
        project_created(owner),
        ElementAdded(canvas_id=canvas, element_id=element, element={"type": "text"}),
        edit(origin=False),
        edit(origin=False),
        edit(origin=True),
        ProjectEdited(changes=[Change(path="name")]),
        ElementDeleted(canvas_id=canvas, element_id=element),
        CanvasDeleted(canvas_id=canvas),
    ]
    if deleted:
        facts.append(ProjectDeleted(owner_id=owner))
    of: dict[str, Any] = {"project_id": project, "user_id": owner}
    export: dict[str, Any] = {**of, "canvas_id": canvas}
    queued = ExportQueued(
        **export, social_format_id=uuid4(), document_hash="h", document_version=1, settings={}
    )
    completed = ExportCompleted(
        **export,
        social_format_id=uuid4(),
        provider="s3",
        bucket="b",
        mime_type="video/mp4",
        file_size=1000,
        width=1,
        height=1,
        duration=1,
        sha256="s",
        processing_time=250,
    )
    text: dict[str, Any] = {**of, "provider": "builtin", "model": "m"}
    return project, [
        *history(project, owner, *facts, old=old),
        *history(uuid4(), owner, queued, ExportStarted(**export), completed),
        *history(uuid4(), owner, queued, ExportStarted(**export), ExportFailed(**export, code="x")),
        *history(
            uuid4(), owner, AiGenerationRequested(**text, kind="text"), AiTextGenerated(**text)
        ),
        *history(uuid4(), owner, ActivityRecorded(**of, activity="project_opened")),
    ]


@pytest.mark.parametrize("table", TABLES)
async def test_laws(store: Database, table: str) -> None:
    messages: list[Envelope] = []
    for owner, old, deleted in (("ana", 0, False), ("ben", 3, False), ("cai", 0, True)):
        messages += project_of(owner, old=old, deleted=deleted)[1]
    tables = [table] if table == "project_access" else [table, "projection_freshness"]
    rows = await check_projection_laws(store.pools.worker, TABLES[table], messages, tables)
    assert {key: len(found) for key, found in rows.items()}[table] == {
        "project_access": 2,
        "project_analytics": 3 * (8 + 3 + 1 + 1) - 3 + 1,
        "project_totals": 3,
    }[table]


class CountsTwice(ProjectTotals):
    """Unsound: what a reset leaves is counted again."""

    async def reset(self, connection: Any) -> None:
        return None


async def test_a_projection_that_keeps_its_sums_at_a_rebuild_is_caught(store: Database) -> None:
    _, messages = project_of("ana")
    with pytest.raises(LawBroken, match="rebuilt"):
        await check_projection_laws(store.pools.worker, CountsTwice(), messages, ["project_totals"])


async def test_the_sums_count_commands_and_events_apart_and_all_that_is_old(
    store: Database,
) -> None:
    import orjson

    project, messages = project_of("ana", old=3)
    rows = await check_projection_laws(
        store.pools.worker, TABLES["project_totals"], messages, ["project_totals"]
    )
    found = orjson.loads(rows["project_totals"][0])
    assert found["project_id"] == str(project)
    assert (found["commands"], found["events"]) == (6, 8 + 2 + 2 + 1 + 1)
    assert (found["elements_added"], found["elements_edited"], found["elements_deleted"]) == (
        1,
        3,
        1,
    )
    assert (found["exports_started"], found["exports_completed"], found["exports_failed"]) == (
        2,
        1,
        1,
    )
    assert (found["export_bytes"], found["export_millis"], found["ai_texts"]) == (1000, 250, 1)
    assert found["first_event_at"].startswith(OLD.date().isoformat())


async def test_old_months_are_dropped_and_a_rebuild_leaves_them_out(store: Database) -> None:
    pool = store.pools.worker
    await pool.execute("SELECT ensure_partitions($1, $1)", OLD.date())
    await pool.execute(
        "INSERT INTO project_analytics (project_id, user_id, event_type, created_at)"
        " VALUES (gen_random_uuid(), 'ana', 'project_saved', $1)",
        OLD,
    )
    assert await pool.fetchval("SELECT drop_old_partitions()") == 1
    assert await pool.fetchval("SELECT count(*) FROM project_analytics") == 0
    assert await pool.fetchval("SELECT drop_old_partitions()") == 0


async def test_months_end_at_midnight_utc_wherever_the_session_is(store: Database) -> None:
    async with store.pools.worker.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL timezone = 'Pacific/Auckland'")
        await connection.execute("SELECT ensure_partitions('2031-03-15', '2031-04-15')")
        await connection.execute("SET LOCAL timezone = 'UTC'")
        bounds = await connection.fetchval(
            "SELECT pg_get_expr(relpartbound, oid) FROM pg_class"
            " WHERE relname = 'project_analytics_2031_03'"
        )
    assert bounds.count("-01 00:00:00+00") == 2
