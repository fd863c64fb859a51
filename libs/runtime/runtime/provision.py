"""Databases and their roles: three logins per database, and no door between databases."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from runtime.database import DirectConnection, connected

_LOCK = 0x6D63_7072_6F76_6973

_GROUPS = ("multicanvas_app", "multicanvas_worker")

# Set on the role, because a pooler passes no settings of a client's connection on. A transaction
# left open would hold back every reader of the log.
_LIMITS = {
    "app": {"idle_in_transaction_session_timeout": "15s", "statement_timeout": "30s"},
    "worker": {"idle_in_transaction_session_timeout": "60s"},
}


@dataclass(frozen=True)
class RolePasswords:
    """Passwords of `<database>_owner`, `<database>_app` and `<database>_worker`."""

    owner: SecretStr
    app: SecretStr
    worker: SecretStr


async def provision(superuser_dsn: str, databases: Mapping[str, RolePasswords]) -> None:
    """Make each database with its three login roles; repeating it changes nothing but passwords.

    Only these three may connect to it. `multicanvas_app` and `multicanvas_worker` are the groups
    that grants and policies name. Raises what PostgreSQL says.
    """
    async with connected(superuser_dsn) as connection:
        # Roles are of the whole cluster: two starters at once would trip over each other.
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        try:
            for group in _GROUPS:
                await _make_role(connection, group, "nologin")
            for name, passwords in databases.items():
                await _provision_one(connection, name, passwords)
        finally:
            await connection.execute("select pg_advisory_unlock($1)", _LOCK)


async def _provision_one(connection: DirectConnection, name: str, passwords: RolePasswords) -> None:
    for part in ("owner", "app", "worker"):
        await _make_role(connection, f"{name}_{part}", "login")
        await _set_password(connection, f"{name}_{part}", getattr(passwords, part))
    if not await connection.fetchval("select 1 from pg_database where datname = $1", name):
        # template0: whatever an administrator left in template1 stays out of our databases.
        await _run(
            connection,
            "create database %I owner %I template template0 encoding 'UTF8'",
            name,
            f"{name}_owner",
        )
    await _run(connection, "revoke all on database %I from public", name)
    await _run(connection, "grant connect, temporary on database %I to %I", name, f"{name}_worker")
    await _run(connection, "grant connect on database %I to %I", name, f"{name}_app")
    for part, limits in _LIMITS.items():
        await _run(connection, "grant %I to %I", f"multicanvas_{part}", f"{name}_{part}")
        for setting, value in limits.items():
            await _run(
                connection, "alter role %I set " + setting + " = %L", f"{name}_{part}", value
            )


async def _make_role(connection: DirectConnection, role: str, login: str) -> None:
    if not await connection.fetchval("select 1 from pg_roles where rolname = $1", role):
        await _run(connection, "create role %I", role)
    await _run(
        connection,
        f"alter role %I {login} nosuperuser nobypassrls nocreatedb nocreaterole noreplication",
        role,
    )


async def _set_password(connection: DirectConnection, role: str, password: SecretStr) -> None:
    await _run(connection, "alter role %I password %L", role, password.get_secret_value())


async def _run(connection: DirectConnection, template: str, *values: str) -> None:
    """Run a statement whose names (`%I`) and literals (`%L`) the server itself quotes."""
    places = ", ".join(f"${number}::text" for number in range(2, len(values) + 2))
    statement = await connection.fetchval(f"select format($1::text, {places})", template, *values)
    await connection.execute(statement)
