"""Objects that nobody may reach any more, until the sweep has removed them from the store."""

from runtime.database import Connection


async def add(connection: Connection, prefix: str) -> None:
    await connection.execute(
        "INSERT INTO doomed_objects (prefix) VALUES ($1) ON CONFLICT DO NOTHING", prefix
    )


async def waiting(connection: Connection, limit: int = 50) -> list[str]:
    rows = await connection.fetch("SELECT prefix FROM doomed_objects LIMIT $1", limit)
    return [row["prefix"] for row in rows]


async def done(connection: Connection, prefix: str) -> None:
    await connection.execute("DELETE FROM doomed_objects WHERE prefix = $1", prefix)
