"""Keys on a real PostgreSQL: made once, forgotten for good, wrapped anew under new master keys."""

import asyncio
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from auth import KEYS_MIGRATIONS
from auth.keys import KeyForgotten, Keys, MasterKeys, Scope
from auth.sealing import KeyedSealer, SealBroken
from runtime import MIGRATIONS
from runtime.database import connected
from runtime.ids import uuid7
from tests.support.parts import Database, DatabaseFactory

ONE, TWO, THREE = b"1" * 32, b"2" * 32, b"3" * 32
EVENT = "11111111-1111-5111-8111-111111111111"
AAD = b"project|1|snapshot"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def store(database: DatabaseFactory) -> Database:
    return await database("keys", [("runtime", MIGRATIONS), ("keys", KEYS_MIGRATIONS)])


@pytest_asyncio.fixture(loop_scope="session")
async def empty(database: DatabaseFactory) -> Database:
    """A store of the test's own, for those that count."""
    return await database("keys", [("runtime", MIGRATIONS), ("keys", KEYS_MIGRATIONS)])


def keys_of(store: Database, master: MasterKeys | None = None, cache_seconds: float = 0) -> Keys:
    return Keys(store.pools.app, master or MasterKeys({1: ONE}), cache_seconds)


def project(user_id: str | None = None) -> Scope:
    made = uuid7()
    return Scope("project", str(made), project_id=made, user_id=user_id)


async def test_everybody_finds_the_same_key(store: Database) -> None:
    scope = project()
    found = await asyncio.gather(*(keys_of(store).for_scope(scope) for _ in range(12)))
    assert len({(key.key_id, key.secret) for key in found}) == 1
    assert await keys_of(store).get(found[0].key_id) == found[0].secret


async def test_every_scope_has_a_key_of_its_own(store: Database) -> None:
    keys = keys_of(store)
    first, second = await keys.for_scope(project()), await keys.for_scope(project())
    assert first.secret != second.secret


async def test_no_key_is_stored_in_clear(store: Database) -> None:
    key = await keys_of(store).for_scope(project())
    wrapped = await store.pools.worker.fetchval(
        "select wrapped from keys where key_id = $1", key.key_id
    )
    assert key.secret not in wrapped


async def test_a_forgotten_key_is_gone_and_never_made_again(store: Database) -> None:
    keys = keys_of(store)
    scope = project()
    key = await keys.for_scope(scope)
    assert await keys.forget(project_id=scope.project_id) == 1
    assert await keys.get(key.key_id) is None
    with pytest.raises(KeyForgotten):
        await keys.for_scope(scope)
    assert await keys.forget(project_id=scope.project_id) == 0


async def test_erasing_a_person_takes_every_key_that_names_them(store: Database) -> None:
    keys = keys_of(store)
    own = Scope("user", "ada", user_id="ada")
    generation = Scope("generation", "g1", project_id=uuid7(), user_id="ada")
    of_another = Scope("user", "bob", user_id="bob")
    for scope in (own, generation, of_another):
        await keys.for_scope(scope)
    assert await keys.forget(user_id="ada") == 2
    assert await keys.get((await keys.for_scope(of_another)).key_id) is not None
    for scope in (own, generation):
        with pytest.raises(KeyForgotten):
            await keys.for_scope(scope)


async def test_no_new_key_is_made_for_what_was_erased(store: Database) -> None:
    keys = keys_of(store)
    erased = uuid7()
    await keys.forget(project_id=erased)
    with pytest.raises(KeyForgotten):
        await keys.for_scope(Scope("generation", "late", project_id=erased, user_id="u1"))


async def test_an_erasure_leaves_no_key_behind_that_was_being_made(store: Database) -> None:
    erased = uuid7()
    scopes = [Scope("generation", f"{erased}-{n}", project_id=erased) for n in range(30)]
    keys = keys_of(store)
    making = [asyncio.create_task(keys.for_scope(scope)) for scope in scopes]
    await asyncio.sleep(0.005)
    await keys.forget(project_id=erased)
    await asyncio.gather(*making, return_exceptions=True)
    left = await store.pools.worker.fetchval(
        "select count(*) from keys where project_id = $1", erased
    )
    assert left == 0


async def test_other_processes_forget_within_the_cache_time(store: Database) -> None:
    scope = project()
    elsewhere = keys_of(store, cache_seconds=0.3)
    key = await elsewhere.for_scope(scope)
    await keys_of(store).forget(project_id=scope.project_id)
    assert await elsewhere.get(key.key_id) == key.secret
    await asyncio.sleep(0.35)
    assert await elsewhere.get(key.key_id) is None


def test_no_cache_lives_longer_than_five_seconds(store: Database) -> None:
    assert vars(keys_of(store, cache_seconds=3600))["_seconds"] == 5.0


async def test_forgetting_nothing_is_refused(store: Database) -> None:
    with pytest.raises(ValueError, match="what"):
        await keys_of(store).forget()


async def test_master_keys_are_replaced_without_touching_content(empty: Database) -> None:
    old = keys_of(empty)
    scopes = [project() for _ in range(5)]
    sealed = [await KeyedSealer(old).encrypt(b"content", AAD, scope) for scope in scopes]

    both = keys_of(empty, MasterKeys({1: ONE, 2: TWO}))
    assert await KeyedSealer(both).decrypt(sealed[0], AAD) == b"content"
    await both.for_scope(project())
    assert await both.rotate_master() == 5
    assert await both.rotate_master() == 0

    new_only = keys_of(empty, MasterKeys({2: TWO}))
    for blob in sealed:
        assert await KeyedSealer(new_only).decrypt(blob, AAD) == b"content"
    with pytest.raises(KeyError):
        await keys_of(empty).for_scope(scopes[0])


async def test_many_keys_are_rotated_while_they_are_used(empty: Database) -> None:
    old = keys_of(empty)
    scopes = [project() for _ in range(700)]
    for scope in scopes:
        await old.for_scope(scope)
    both = MasterKeys({1: ONE, 3: THREE})
    rotating = asyncio.create_task(keys_of(empty, both).rotate_master())
    found = await asyncio.gather(*(keys_of(empty, both).for_scope(scope) for scope in scopes[:50]))
    assert await rotating == 700
    assert [key.secret for key in found] == [
        (await keys_of(empty, both).for_scope(scope)).secret for scope in scopes[:50]
    ]


async def test_two_rotations_at_once_do_each_key_once(empty: Database) -> None:
    old = keys_of(empty)
    for _ in range(40):
        await old.for_scope(project())
    both = MasterKeys({1: ONE, 2: TWO})
    done = await asyncio.gather(*(keys_of(empty, both).rotate_master() for _ in range(3)))
    assert sum(done) == 40


async def test_a_swapped_row_does_not_open(store: Database) -> None:
    keys = keys_of(store)
    one, two = await keys.for_scope(project()), await keys.for_scope(project())
    async with connected(store.owner_dsn) as owner:
        await owner.execute(
            "update keys set wrapped = (select wrapped from keys where key_id = $1) "
            "where key_id = $2",
            one.key_id,
            two.key_id,
        )
    with pytest.raises(ValueError, match="changed"):
        await keys.get(two.key_id)


async def test_an_event_is_sealed_read_and_after_erasure_read_without_its_content(
    store: Database,
) -> None:
    sealer = KeyedSealer(keys_of(store))
    scope = project("eve")
    data = {"changes": [{"path": "text", "before": "canary", "after": 2}], "projectId": "p"}
    sealed = await sealer.seal(data, ("/changes/*/before", "/changes/*/after"), scope, EVENT)
    assert "canary" not in str(sealed)
    assert await sealer.unseal(sealed, EVENT) == data

    await keys_of(store).forget(user_id="eve")
    without = await KeyedSealer(keys_of(store)).unseal(sealed, EVENT)
    assert without == {"changes": [{"path": "text", "after": 2}], "projectId": "p"}
    with pytest.raises(KeyForgotten):
        await KeyedSealer(keys_of(store)).seal(data, ("/changes/*/before",), scope, EVENT)


async def test_a_blob_opens_only_in_its_place_and_only_while_its_key_lives(
    store: Database,
) -> None:
    sealer = KeyedSealer(keys_of(store))
    scope = project()
    blob = await sealer.encrypt(b"snapshot", AAD, scope)
    assert await sealer.decrypt(blob, AAD) == b"snapshot"
    with pytest.raises(SealBroken):
        await sealer.decrypt(blob, b"project|2|snapshot")
    await keys_of(store).forget(project_id=scope.project_id)
    assert await KeyedSealer(keys_of(store)).decrypt(blob, AAD) is None


@pytest.mark.parametrize(
    "statement",
    [
        "delete from keys",
        "insert into keys values (gen_random_uuid(), null, null, '', 1)",
        "update keys set user_id = 'x'",
        "delete from forgotten",
        "delete from erased",
        "truncate keys",
    ],
)
async def test_keys_are_made_and_forgotten_only_through_their_functions(
    statement: str, store: Database
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await store.pools.app.execute(statement)


async def test_an_unknown_key_is_none(store: Database) -> None:
    assert await keys_of(store).get(UUID(int=1)) is None
