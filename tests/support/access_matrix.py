"""What the catalogue of a service's database says about access; each finding is a hole."""

from collections.abc import Mapping, Sequence
from typing import Any

from runtime.database import Connection

READABLE_PROGRESS = {"consumer_gate", "consumer_projection", "parked_key"}
"""How far consumers are: of the log's own tables the only ones the application role may read."""

PRIVILEGES = {"SELECT": "r", "INSERT": "a", "UPDATE": "w", "DELETE": "d"}

_TABLES = """
SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relrowsecurity AS secured,
    c.relispartition AS is_partition, pg_get_userbyid(c.relowner) AS owner,
    c.relkind::text AS kind,
    array(SELECT a.attname::text FROM pg_attribute a
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'
"""
_POLICIES = """
SELECT polrelid AS oid, polcmd::text AS command, polroles::regrole[]::text[] AS roles,
    coalesce(pg_get_expr(polqual, polrelid), '') AS using,
    coalesce(pg_get_expr(polwithcheck, polrelid), '') AS checking
FROM pg_policy
"""
PERSONAL = frozenset({"user_id", "owner_id", "project_id", "actor", "created_by", "team_id"})


async def holes(
    connection: Connection, database: str, open_tables: frozenset[str] = frozenset()
) -> list[str]:
    """Every way in which the application role of this database could do more than it should.

    `open_tables` hold nothing of a person (catalogues, settings): they may be read without row
    level security, and nothing else.
    """
    app = f"{database}_app"
    found = await _of_the_role(connection, app)
    policies = [dict(row) for row in await connection.fetch(_POLICIES)]
    for table in await connection.fetch(_TABLES):
        name = f"{table['schema']}.{table['name']}"
        granted = await _granted(connection, app, table["oid"])
        if table["owner"] == app:
            found.append(f"{name} is owned by the application role")
        if table["schema"] == "eventlog":
            allowed = {"SELECT"} if table["name"] in READABLE_PROGRESS else set[str]()
            if granted - allowed:
                found.append(f"{name} grants {sorted(granted - allowed)}")
            continue
        if table["is_partition"]:
            if granted:
                found.append(f"partition {name} grants {sorted(granted)}")
            continue
        personal = bool(PERSONAL & set(table["columns"]))
        if table["name"] in open_tables and not personal and granted <= {"SELECT"}:
            continue
        if not table["secured"]:
            if granted or personal:
                found.append(f"{name} has no row level security")
            continue
        own = [policy for policy in policies if policy["oid"] == table["oid"]]
        found += _of_policies(name, granted, own)
        worker = await _granted(connection, f"{database}_worker", table["oid"])
        if worker and not any("multicanvas_worker" in policy["roles"] for policy in own):
            found.append(f"{name} has no explicit policy of the worker")
    return found + await _of_functions(connection, app)


async def _of_the_role(connection: Connection, app: str) -> list[str]:
    row = await connection.fetchrow(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles"
        " WHERE rolname = $1",
        app,
    )
    assert row is not None
    found = [f"the application role has {key}" for key, value in dict(row).items() if value]
    owned = await connection.fetchval(
        "SELECT count(*) FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid"
        " WHERE r.rolname = $1 AND d.deptype = 'o'",
        app,
    )
    return [*found, *(["the application role owns something"] if owned else [])]


async def _granted(connection: Connection, app: str, oid: int) -> set[str]:
    """Commands allowed on the table, or on any of its columns; TRUNCATE counts as one."""
    rows = await connection.fetch(
        "SELECT p FROM unnest($3::text[]) AS p WHERE has_any_column_privilege($1, $2::oid, p)"
        " UNION SELECT p FROM unnest($4::text[]) AS p WHERE has_table_privilege($1, $2::oid, p)",
        app,
        oid,
        ["SELECT", "INSERT", "UPDATE", "REFERENCES"],
        ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER"],
    )
    return {row["p"] for row in rows}


def _of_policies(name: str, granted: set[str], policies: Sequence[Mapping[str, Any]]) -> list[str]:
    found: list[str] = []
    for policy in policies:
        if not policy["roles"] or "-" in policy["roles"]:
            found.append(f"{name} has a policy for everyone")
        is_of_app = "multicanvas_app" in policy["roles"]
        if is_of_app and policy["command"] == "*" and not _is_for_services(policy):
            found.append(f"{name} has one policy for all commands of the application role")
    for command in sorted(granted):
        letters = {PRIVILEGES.get(command, ""), "*"}
        if not any(
            policy["command"] in letters and "multicanvas_app" in policy["roles"]
            for policy in policies
        ):
            found.append(f"{name} grants {command} without a policy")
    return found


def _is_for_services(policy: Mapping[str, Any]) -> bool:
    """Only a context signed for the service itself passes: no person has rows there."""
    return all("access.is_service()" in policy[part] for part in ("using", "checking"))


async def _of_functions(connection: Connection, app: str) -> list[str]:
    rows = await connection.fetch(
        "SELECT n.nspname || '.' || p.proname AS name, p.proconfig::text AS config,"
        "  coalesce(p.proacl::text LIKE '%{=X%' OR p.proacl::text LIKE '%,=X%',"
        "    p.proacl IS NULL) AS public"
        " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE p.prosecdef AND p.prorettype <> 'trigger'::regtype"
        "   AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
    )
    found = [
        f"function {row['name']} runs as its owner with an open search_path"
        for row in rows
        if "search_path=" not in (row["config"] or "") or "pg_temp" not in row["config"]
    ]
    return found + [
        f"function {row['name']} may be called by everyone" for row in rows if row["public"]
    ]
