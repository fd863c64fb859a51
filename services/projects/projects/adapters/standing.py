"""Who someone is to a project, asked inside the command's transaction."""

from typing import cast
from uuid import UUID

from projects.domain.refusals import Unknown
from projects.domain.rights import Action, Rights, Role
from runtime.database import Connection


async def standing(connection: Connection, project_id: UUID) -> Rights:
    """The signed actor's. Raises Unknown where there is nothing to see."""
    row = await connection.fetchrow("select * from access.project_standing($1)", project_id)
    if row is None:
        raise Unknown("project", str(project_id))
    return Rights(cast(Role, row["role"]), row["permissions"])


async def standing_of(connection: Connection, project_id: UUID, user_id: str) -> Rights:
    """A named person's, asked by the service itself. Raises Unknown."""
    row = await connection.fetchrow(
        """select case when p.owner_id = $2 then 'owner' else c.role end as role, c.permissions
             from projects p left join project_collaborators c
               on c.project_id = p.id and c.user_id = $2 and c.status = 'active'
            where p.id = $1 and (p.owner_id = $2 or c.role is not null)""",
        project_id,
        user_id,
    )
    if row is None:
        raise Unknown("project", str(project_id))
    return Rights(cast(Role, row["role"]), row["permissions"])


async def require(connection: Connection, project_id: UUID, action: Action) -> None:
    """Raises Unknown (404) or NotAllowed (403)."""
    (await standing(connection, project_id)).require(action)
