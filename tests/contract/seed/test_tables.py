"""The running databases against the seed's tables: names, order, types, defaults, keys, indexes."""

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.parts import Database, DatabaseFactory

SEED: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "tables.json").read_text())
STILL_TO_COME = {
    "feature_flags",
    "teams",
    "team_members",
    "user_profiles",
    "user_api_keys",
    "user_subscriptions",
    "usage_logs",
    "security_logs",
}
# A partitioned table's key holds the partition column, and the trail outlives users (Q19).
OTHER_KEYS = {("project_analytics", "id")}
ROOT = Path(__file__).parents[3]

COLUMNS = """
SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS null,
    pg_get_expr(d.adbin, d.adrelid) AS default
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
KEYS = """
SELECT c.contype::text AS kind, pg_get_constraintdef(c.oid) AS definition
FROM pg_constraint c WHERE c.conrelid = $1::regclass
"""
INDEXES = "SELECT indexname AS name, indexdef AS definition FROM pg_indexes WHERE tablename = $1"

made: dict[str, Database] = {}


async def database_of(service: str, database: DatabaseFactory) -> Database:
    if service not in made:
        app = importlib.import_module(f"{service}.app")
        made[service] = await database(service, app.MIGRATIONS)
    return made[service]


def normal_type(name: str) -> str:
    short = {
        "timestamp with time zone": "timestamptz",
        "bigint": "bigint",
        "integer": "integer",
    }
    return short.get(name, name).replace(", ", ",")


def normal_default(text: str | None) -> str | None:
    if text is None:
        return None
    if text in ("gen_random_uuid()", "now()", "true", "false"):
        return {"gen_random_uuid()": "random uuid"}.get(text, text)
    return (
        re.sub(r"'?(.*?)'?(::.*)?", r"\1", text) if not text.startswith("'") else text.split("'")[1]
    )


@pytest.mark.parametrize("table", sorted(set(SEED) - STILL_TO_COME))
async def test_a_table_has_exactly_the_seeds_columns(table: str, database: DatabaseFactory) -> None:
    facts = SEED[table]
    found = await database_of(facts["service"], database)
    async with found.pools.worker.acquire() as connection:
        columns = [dict(row) for row in await connection.fetch(COLUMNS, table)]
    wanted = facts["columns"]
    seen = [
        {
            "name": column["name"],
            "type": normal_type(column["type"]),
            "null": column["null"],
            "default": normal_default(column["default"]),
        }
        for column in columns[: len(wanted)]
    ]
    assert seen == [
        {
            "name": column["name"],
            "type": column["type"],
            "null": column.get("null", False),
            "default": column.get("default"),
        }
        for column in wanted
    ]
    for extra in columns[len(wanted) :]:
        assert extra["null"] or extra["default"] is not None, f"{extra['name']} must be optional"
        readme = (ROOT / "services" / facts["service"] / "README.md").read_text()
        assert f"`{table}.{extra['name']}`" in readme, f"{extra['name']} is not in the README"


@pytest.mark.parametrize("table", sorted(set(SEED) - STILL_TO_COME))
async def test_a_table_has_the_seeds_keys_and_indexes(
    table: str, database: DatabaseFactory
) -> None:
    facts = SEED[table]
    found = await database_of(facts["service"], database)
    async with found.pools.worker.acquire() as connection:
        keys = [(row["kind"], row["definition"]) for row in await connection.fetch(KEYS, table)]
        indexes = {row["name"]: row["definition"] for row in await connection.fetch(INDEXES, table)}
    for column in facts["columns"]:
        key = column.get("key", "")
        if (table, column["name"]) in OTHER_KEYS or not key:
            continue
        assert has_key(column["name"], key, facts["service"], keys, indexes), (column, keys)
    for index in facts["indexes"]:
        unique, name, columns = re.fullmatch(r"(unique )?(\w+) \((.*)\)", index).groups()  # type: ignore[union-attr]
        assert name in indexes
        assert f"({columns})" in indexes[name]
        assert bool(unique) == ("UNIQUE" in indexes[name])


def has_key(
    column: str,
    key: str,
    service: str,
    keys: list[tuple[str, str]],
    indexes: dict[str, str],
) -> bool:
    """Foreign keys of the seed that cross services are copies kept by events instead (Q18)."""
    if key == "PK":
        return ("p", f"PRIMARY KEY ({column})") in keys
    if key == "UNIQUE":
        unique = any(d for d in indexes.values() if "UNIQUE" in d and f"({column})" in d)
        return unique or any(d.startswith(f"UNIQUE ({column})") for k, d in keys if k == "u")
    target = re.match(r"FK to (\w+)", key)
    if target is None or SEED.get(target[1], {}).get("service") != service:
        return True
    wanted = f"FOREIGN KEY ({column}) REFERENCES {target[1]}(id)"
    cascade = "CASCADE" in key
    return any(
        definition.startswith(wanted) and (not cascade or "ON DELETE CASCADE" in definition)
        for _, definition in keys
    )


@pytest.mark.parametrize(
    "table", sorted(t for t in set(SEED) - STILL_TO_COME if SEED[t]["rowSecurity"])
)
async def test_row_level_security_is_on_where_the_seed_asks_for_it(
    table: str, database: DatabaseFactory
) -> None:
    found = await database_of(SEED[table]["service"], database)
    async with found.pools.worker.acquire() as connection:
        assert await connection.fetchval(
            "SELECT relrowsecurity FROM pg_class WHERE oid = $1::regclass", table
        )


def test_what_is_still_to_come_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\ntables of the seed still to come: {', '.join(sorted(STILL_TO_COME))}")
    assert {t for t in STILL_TO_COME if t in SEED} == {"feature_flags"}
