"""Questions that only the aggregate can answer."""

from uuid import UUID

from projects.domain import overrides
from projects.domain.json_values import JsonObject
from projects.domain.project import Project
from projects.domain.refusals import Unknown
from projects.handlers.desk import Desk
from runtime.context import Context


async def overrides_of(
    desk: Desk, context: Context, project_id: UUID, element_id: str
) -> tuple[list[JsonObject], int]:
    """An element's overrides with the group's values, and the project's version."""
    project = await desk.log.load_at(context, Project, project_id)
    if project.deleted:
        raise Unknown("project", str(project_id))
    element = project.element(element_id)
    if element.sync_group is None:
        return [], project.version
    async with desk.acting(context) as connection:
        board = project.board(await desk.known_formats(connection))
    return overrides.differing(board, element), project.version
