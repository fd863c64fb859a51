"""What analytics hears besides its projections: a person who leaves is taken out of the trail."""

from contracts import Envelope, MessageData, topics
from contracts.identity import UserDeleted
from runtime.database import Connection


class ForgottenUsers:
    """The trail outlives its project, but not the people in it (Q19): their rows go, and stay away
    when a projection is built again."""

    name = "forgotten_users"
    topics = frozenset({topics.IDENTITY})
    types = frozenset({UserDeleted.TYPE})

    async def handle(self, connection: Connection, envelope: Envelope, data: MessageData) -> None:
        await connection.execute(
            "INSERT INTO forgotten_users (user_id) VALUES ($1) ON CONFLICT DO NOTHING",
            envelope.subject,
        )
        await connection.execute(
            "DELETE FROM project_analytics WHERE user_id = $1", envelope.subject
        )
        await connection.execute(
            "UPDATE project_totals SET owner_id = NULL WHERE owner_id = $1", envelope.subject
        )
