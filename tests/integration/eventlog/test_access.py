"""The access matrix of the log: what each login role and actor can reach, and how it is refused."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from eventlog.answers import Answer
from eventlog.errors import AccessDenied, AggregateNotFound
from eventlog.unit import Unit
from runtime.context import Context, act_as, acting
from runtime.ids import uuid7
from tests.support.board import Board
from tests.support.board_log import Boards, make_boards
from tests.support.parts import DatabaseFactory

FUNCTIONS = {
    "append_events",
    "grant_access",
    "history_events",
    "idempotent_answer",
    "is_from_the_future",
    "load_events",
    "load_snapshot",
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def boards(database: DatabaseFactory) -> Boards:
    return await make_boards(database, pool_size=6)


async def share(boards: Boards, board_id: UUID, actor: str, *, read: bool, write: bool) -> None:
    async def work(unit: Unit) -> Answer:
        unit.grant(board_id, actor, read=read, write=write)
        return Answer(204)

    await boards.log.run(Context.for_actor("ann"), work)


async def test_the_application_role_reaches_no_table_of_the_log_except_progress(boards: Boards):
    rows = await boards.database.pools.worker.fetch(
        "SELECT c.relname AS name, c.relkind = 'r' AS is_table, a.attname AS column"
        "  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        "  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = 1"
        " WHERE n.nspname = 'eventlog' AND c.relkind IN ('r', 'v', 'S', 'p', 'm')"
    )
    assert "events" in {row["name"] for row in rows}
    reachable: set[str] = set()
    for row in rows:
        table, column = f"eventlog.{row['name']}", row["column"]
        tries = [f"SELECT * FROM {table}"]
        if row["is_table"]:
            tries += [
                f"INSERT INTO {table} DEFAULT VALUES",
                f"UPDATE {table} SET {column} = {column}",
                f"DELETE FROM {table}",
                f"TRUNCATE {table} CASCADE",
            ]
        reachable |= {one for one in tries if await succeeds(boards, one)}
    assert reachable == {
        "SELECT * FROM eventlog.consumer_gate",
        "SELECT * FROM eventlog.parked_key",
        "SELECT * FROM eventlog.consumer_projection",
    }


async def succeeds(boards: Boards, statement: str) -> bool:
    try:
        async with acting(boards.database.pools.app, boards.database.signer, "ann") as connection:
            await connection.execute(statement)
    except asyncpg.InsufficientPrivilegeError:
        return False
    return True


async def test_the_application_role_may_call_the_listed_functions_and_no_others(boards: Boards):
    rows = await boards.database.pools.app.fetch(
        "SELECT p.proname AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname = 'eventlog' AND has_function_privilege(p.oid, 'EXECUTE')"
    )
    assert {row["name"] for row in rows} == FUNCTIONS


async def test_every_definer_function_has_a_fixed_search_path(boards: Boards):
    rows = await boards.database.pools.worker.fetch(
        "SELECT p.proname AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname = 'eventlog' AND p.prosecdef"
        " AND NOT coalesce(p.proconfig::text LIKE '%search_path=%pg_temp%', false)"
    )
    assert [row["name"] for row in rows] == []


async def test_every_table_of_the_log_has_row_level_security(boards: Boards):
    rows = await boards.database.pools.worker.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'eventlog' AND NOT rowsecurity"
    )
    assert [row["tablename"] for row in rows] == []


CALLS: dict[str, tuple[str, Any]] = {
    "load_events": ("SELECT count(*) FROM eventlog.load_events($1, 0)", 1),
    "history_events": ("SELECT count(*) FROM eventlog.history_events($1, 0, 10)", 1),
}


@pytest.mark.parametrize(
    ("actor", "readable"),
    [("ann", True), ("viewer", True), ("editor", True), ("eve", False), ("anonymous", False)],
)
async def test_reading_goes_by_the_actors_right(boards: Boards, actor: str, readable: bool):
    board_id = await boards.begin("ann")
    await share(boards, board_id, "viewer", read=True, write=False)
    await share(boards, board_id, "editor", read=True, write=True)
    for statement, count in CALLS.values():
        async with acting(boards.database.pools.app, boards.database.signer, actor) as connection:
            found = await connection.fetchval(statement, board_id)
        assert found == (count if readable else 0)


@pytest.mark.parametrize(
    ("actor", "refusal"),
    [
        ("ann", None),
        ("editor", None),
        ("viewer", AccessDenied),
        ("eve", AggregateNotFound),
        ("anonymous", AggregateNotFound),
    ],
)
async def test_writing_goes_by_the_actors_right(
    boards: Boards, actor: str, refusal: type[Exception] | None
):
    board_id = await boards.begin("ann")
    await share(boards, board_id, "viewer", read=True, write=False)
    await share(boards, board_id, "editor", read=True, write=True)
    if refusal is None:
        await boards.put(board_id, "a", actor=actor)
    else:
        with pytest.raises(refusal):
            await boards.put(board_id, "a", actor=actor)


async def test_everyone_may_read_what_is_shared_with_the_star(boards: Boards):
    board_id = await boards.begin("ann")
    await share(boards, board_id, "*", read=True, write=False)
    board = await boards.log.load_at(Context.for_actor("eve"), Board, board_id)
    assert board.id == board_id


async def test_a_right_taken_away_ends_with_the_next_command_even_for_a_cached_aggregate(
    boards: Boards,
):
    board_id = await boards.begin("ann")
    await share(boards, board_id, "bob", read=True, write=True)
    await boards.put(board_id, "a", actor="bob")
    await share(boards, board_id, "bob", read=False, write=False)
    with pytest.raises(AggregateNotFound):
        await boards.put(board_id, "b", actor="bob")


async def test_only_who_may_write_may_share(boards: Boards):
    board_id = await boards.begin("ann")
    await share(boards, board_id, "viewer", read=True, write=False)
    await share(boards, board_id, "*", read=True, write=True)

    async def work(unit: Unit) -> Answer:
        unit.grant(board_id, "eve", read=True, write=True)
        return Answer(204)

    for actor in ("viewer", "eve"):
        with pytest.raises(AccessDenied):
            await boards.log.run(Context.for_actor(actor), work)


async def append_raw(boards: Boards, context: str | None, board_id: UUID, actor: str) -> None:
    """What injected SQL would try, as the application role with any context."""
    metadata = (
        f'{{"actor": "{actor}", "commandId": "{uuid7()}", "commandNumber": 1, "last": true,'
        f' "occurredAt": "2026-01-01T00:00:00.000Z", "correlationId": "{uuid7()}"}}'
    )
    async with boards.database.pools.app.acquire() as connection, connection.transaction():
        if context is not None:
            await connection.execute("SELECT set_config('app.actor', $1, true)", context)
        await connection.fetchval(
            "SELECT eventlog.append_events($1::uuid[], $2::int[], $3::text[], $4::int[],"
            " $5::bytea[], $6::text[])",
            [board_id],
            [1],
            ["boards.board_created"],
            [1],
            [b"{}"],
            [metadata],
        )


async def test_a_forged_missing_or_expired_context_appends_nothing(boards: Boards):
    signer = boards.database.signer
    good = signer.sign("eve")
    name, expiry, mac = good.split("|")
    forged = [
        None,
        "",
        "ann",
        f"ann|{expiry}",
        f"ann|{expiry}|{mac}",
        f"service:boards|{expiry}|{mac}",
        f"{name}|{int(expiry) + 1000}|{mac}",
        f"{good}|",
        f"{name}|NaN|{mac}",
        f"|{expiry}|{mac}",
    ]
    for context in forged:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await append_raw(boards, context, uuid7(), "ann")


async def test_nobody_signs_events_with_anothers_name(boards: Boards):
    context = boards.database.signer.sign("eve")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await append_raw(boards, context, uuid7(), "ann")
    await append_raw(boards, context, uuid7(), "eve")


async def test_the_worker_writes_events_only_by_the_function(boards: Boards):
    async with boards.database.pools.worker.acquire() as connection:
        for statement in (
            "UPDATE eventlog.events SET topic = 'x'",
            "DELETE FROM eventlog.events",
            "INSERT INTO eventlog.events (xid, seq, originator_id, originator_version, topic,"
            " class_version, state, metadata)"
            " VALUES ('1', 1, gen_random_uuid(), 1, 'x', 1, '', '{}')",
            "UPDATE eventlog.log_access SET can_write = true",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


async def test_an_actor_sees_only_its_own_stored_answers(boards: Boards):
    async with acting(boards.database.pools.app, boards.database.signer, "ann") as connection:
        await connection.fetchval(
            "SELECT eventlog.append_events('{}', '{}', '{}', '{}', '{}', '{}', 'key-1', '\\x00',"
            " 200, NULL, '', '')"
        )
    for actor, count in (("ann", 1), ("eve", 0)):
        async with boards.database.pools.app.acquire() as connection, connection.transaction():
            await act_as(connection, boards.database.signer, actor)
            found = await connection.fetchval(
                "SELECT count(*) FROM eventlog.idempotent_answer('key-1')"
            )
        assert found == count
