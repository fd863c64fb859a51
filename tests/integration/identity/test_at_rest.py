"""What lies in the databases and on the bus: no secret in clear, nobody's rows but one's own."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from asyncpg import InsufficientPrivilegeError

from contracts import read_data, read_envelope, topics
from contracts.identity import AccountLinked, SessionStarted, UserCreated, UserDeleted
from eventlog.kafka import places_of, reading
from runtime.context import acting
from tests.support.site import PASSWORD, Site


async def test_no_token_and_no_password_is_stored_in_clear(site: Site) -> None:
    person = await site.person(name="Canary-Name-7731")
    token = person.cookie.split(".")[0]
    dump = await _dump(site)
    assert token not in dump
    assert PASSWORD not in dump
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in dump
    account = await site.databases["identity"].pools.worker.fetchrow(
        "select * from accounts where user_id = $1", person.id
    )
    assert account is not None
    assert account["access_token"] is None


async def test_events_outbox_and_topic_tell_of_a_person_only_sealed(site: Site) -> None:
    person = await site.person(name="Canary-Name-9912")
    records = await _records_of(site, person.id, 1)
    told = records[0]
    assert b"Canary-Name" not in told
    assert person.user["email"].encode() not in told
    assert b"sealed" in told
    stored = await site.databases["identity"].pools.worker.fetch(
        "select encode(state, 'escape') as state from eventlog.events where originator_id = $1",
        UUID(person.id),
    )
    assert not any("Canary" in row["state"] for row in stored)


async def test_a_sign_up_is_three_facts_that_every_service_can_read(site: Site) -> None:
    person = await site.person()
    own = (await (await person.get("/api/auth/get-session")).json())["session"]
    created = read_data(read_envelope((await _records_of(site, person.id, 1))[0]))
    assert isinstance(created, UserCreated)
    assert created.email is None
    started = read_data(read_envelope((await _records_of(site, own["id"], 1))[0]))
    assert isinstance(started, SessionStarted)
    assert started.user_id == person.id
    accounts = await (await person.get("/api/auth/list-accounts")).json()
    linked = read_data(read_envelope((await _records_of(site, accounts[0]["id"], 1))[0]))
    assert isinstance(linked, AccountLinked)
    assert linked.provider_id == "credential"


async def test_a_deleted_person_leaves_no_row_and_no_key(site: Site) -> None:
    person = await site.person()
    answer = await person.post("/api/auth/delete-user", {"password": PASSWORD})
    assert await answer.json() == {"success": True, "message": "User deleted"}
    assert len(answer.headers.getall("set-cookie")) == 3
    worker = site.databases["identity"].pools.worker
    for table, column in (("users", "id"), ("sessions", "user_id"), ("accounts", "user_id")):
        found = await worker.fetchval(
            f"select count(*) from {table} where {column} = $1", person.id
        )
        assert found == 0, table
    told = await _records_of(site, person.id, 2)
    assert isinstance(read_data(read_envelope(told[1])), UserDeleted)
    sign_in = {"email": person.user["email"], "password": PASSWORD}
    answer = await site.visitor().post("/api/auth/sign-in/email", sign_in)
    assert answer.status == 401
    again = {"name": "Ana", "email": person.user["email"], "password": PASSWORD}
    assert (await site.visitor().post("/api/auth/sign-up/email", again)).status == 200


async def test_the_wrong_password_deletes_nobody(site: Site) -> None:
    person = await site.person()
    answer = await person.post("/api/auth/delete-user", {"password": "wrong password"})
    assert answer.status == 400
    assert (await answer.json(content_type=None))["code"] == "INVALID_PASSWORD"
    assert (await person.get("/v1/me")).status == 200


@pytest.mark.parametrize("table", ["users", "sessions", "accounts"])
async def test_the_application_role_sees_and_changes_own_rows_only(site: Site, table: str) -> None:
    ana, bo = await site.person(), await site.person()
    column = "id" if table == "users" else "user_id"
    app = site.databases["identity"].pools.app
    async with acting(app, site.signer, ana.id) as connection:
        seen = await connection.fetch(f"select {column} as owner from {table}")
        assert {row["owner"] for row in seen} == {ana.id}
        changed = await connection.execute(
            f"update {table} set updated_at = now() where {column} = $1", bo.id
        )
        assert changed == "UPDATE 0"
        gone = await connection.execute(f"delete from {table} where {column} = $1", bo.id)
        assert gone == "DELETE 0"
    async with acting(app, site.signer, "anonymous") as connection:
        assert await connection.fetch(f"select 1 from {table}") == []
    assert await app.fetch(f"select 1 from {table}") == []


async def test_nobody_writes_a_session_for_somebody_else(site: Site) -> None:
    ana, bo = await site.person(), await site.person()
    with pytest.raises(InsufficientPrivilegeError):
        async with acting(site.databases["identity"].pools.app, site.signer, ana.id) as connection:
            await connection.execute(
                """insert into sessions (id, expires_at, token, user_id)
                   values ('s', now() + interval '1 day', repeat('0', 64), $1)""",
                bo.id,
            )


async def test_the_service_itself_may_look_but_not_touch_through_the_front_door(
    site: Site,
) -> None:
    person = await site.person()
    app = site.databases["identity"].pools.app
    async with acting(app, site.signer, "service:identity") as connection:
        assert await connection.fetchval("select 1 from users where id = $1", person.id) == 1
        gone = await connection.execute("delete from sessions where user_id = $1", person.id)
        assert gone == "DELETE 0"


async def _dump(site: Site) -> str:
    worker = site.databases["identity"].pools.worker
    parts: list[str] = []
    for table in ("users", "sessions", "accounts", "verifications", "eventlog.events"):
        rows = await worker.fetch(f"select t::text as line from {table} t")
        parts += [row["line"] for row in rows]
    return "\n".join(parts)


async def _records_of(site: Site, subject: str, count: int) -> list[bytes]:
    """The first `count` messages of an aggregate on the topic."""
    found: list[bytes] = []
    async with reading(site.kafka) as consumer, asyncio.timeout(10):
        places = await places_of(site.kafka, [topics.IDENTITY])
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        while len(found) < count:
            batch: Any = await consumer.getmany(timeout_ms=200)
            for records in batch.values():
                found += [one.value for one in records if one.key == subject.encode()]
    return found
