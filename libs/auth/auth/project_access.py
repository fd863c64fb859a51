"""A service's own copy of who may see which project, kept by a projection of its own."""

from pathlib import Path
from uuid import UUID

from contracts import Envelope, MessageData, topics
from contracts.projects import ProjectCreated, ProjectDeleted
from runtime.database import Connection

PROJECT_ACCESS_MIGRATIONS = Path(__file__).parent / "migrations" / "project_access"


class ProjectAccess:
    """Follows the projects service's access events; reads only their open part, needs no key."""

    name = "project_access"
    topics = frozenset({topics.PROJECTS})
    types = frozenset({ProjectCreated.TYPE, ProjectDeleted.TYPE})

    async def apply(self, connection: Connection, envelope: Envelope, data: MessageData) -> None:
        """Change the copy as this event says. Ordered per project by the caller."""
        project_id = UUID(envelope.subject)
        if isinstance(data, ProjectCreated):
            await connection.execute(
                """insert into project_access (project_id, user_id, role, owner)
                   values ($1, $2, 'owner', true)
                   on conflict (user_id, project_id) do update set role = 'owner', owner = true""",
                project_id,
                data.owner_id,
            )
        elif isinstance(data, ProjectDeleted):
            await connection.execute("delete from project_access where project_id = $1", project_id)

    async def reset(self, connection: Connection) -> None:
        """Empty the copy, to be built again from the first event."""
        await connection.execute("delete from project_access")


async def role_of(connection: Connection, project_id: UUID) -> str | None:
    """The signed actor's role in a project; None when it is not theirs or does not exist."""
    return await connection.fetchval("select access.my_role($1)", project_id)
