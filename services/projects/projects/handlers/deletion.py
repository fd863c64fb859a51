"""Deleting projects, one by its owner or all of a person who left."""

from uuid import UUID

from eventlog import Answer, IdempotencyKey, Unit
from projects.adapters import standing
from projects.handlers.desk import Desk, project_of
from runtime.context import Context


async def delete_project(
    desk: Desk,
    context: Context,
    project_id: UUID,
    *,
    expected: int | None = None,
    idempotency: IdempotencyKey | None = None,
) -> Answer:
    """204. Rows go by cascade, the key with it; every service hears of it and follows."""

    async def work(unit: Unit) -> Answer:
        await standing.require(unit.connection, project_id, "delete")
        project = await project_of(unit, project_id)
        unit.expect(project, expected)
        project.delete()
        unit.record(project)
        return Answer(204)

    return await desk.log.run(context, work, idempotency=idempotency)
