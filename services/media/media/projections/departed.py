"""People who left, so that nothing of theirs is registered after them."""

from runtime.database import Connection


async def hold(connection: Connection, user_id: str) -> None:
    """Departure and registration of one person's files go one after the other."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", user_id)


async def note(connection: Connection, user_id: str) -> None:
    await connection.execute(
        "INSERT INTO departed_users (user_id) VALUES ($1) ON CONFLICT DO NOTHING", user_id
    )


async def has_left(connection: Connection, user_id: str) -> bool:
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT FROM departed_users WHERE user_id = $1)", user_id
        )
    )
