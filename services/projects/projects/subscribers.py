"""What other services' events make this one do."""

import logging
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid5

from auth.keys import Keys
from contracts import Envelope, MessageData, topics
from contracts.ai import AiGenerationApplyRequested
from contracts.identity import UserDeleted
from contracts.projects import ProjectDeleted
from eventlog import Answer, ConcurrencyError, Unit
from eventlog.domain import Refusal
from projects.adapters.frozen_documents import FrozenDocuments
from projects.domain.refusals import Unknown
from projects.handlers.desk import Desk, project_of
from projects.handlers.generations import GenerationResult, apply_generation, refuse_generation
from runtime.context import Context
from runtime.database import Connection

log = logging.getLogger(__name__)

COMMANDS = UUID("3b1f3a52-0c8e-5f6c-9d0e-70726f6a6563")
"""Names the commands that follow from events: the same event asks for the same command."""


def following(envelope: Envelope, actor: str) -> Context:
    """The context of a command that this event causes."""
    return Context.for_actor(
        actor,
        command_id=uuid5(COMMANDS, str(envelope.id)),
        correlation_id=envelope.correlationid,
        causation_id=envelope.id,
        traceparent=envelope.traceparent,
    )


class GenerationsToApply:
    """Writes generated texts and pictures into elements, or says why not (D19)."""

    name = "generations_to_apply"
    topics = frozenset({topics.AI})
    types = frozenset({AiGenerationApplyRequested.TYPE})

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def handle(self, connection: Connection, envelope: Envelope, data: MessageData) -> None:
        if not isinstance(data, AiGenerationApplyRequested):
            return
        result = GenerationResult(
            generation_id=envelope.subject,
            project_id=data.project_id,
            user_id=data.user_id,
            provider=data.provider,
            element_id=str(data.element_id),
            text=data.text,
            media_id=None if data.media_id is None else str(data.media_id),
        )
        context = following(envelope, data.user_id)
        try:
            await self._run(context, connection, lambda u: apply_generation(self._desk, u, result))
        except ConcurrencyError:
            raise
        except Refusal as refusal:
            await self._refuse(context, connection, result, refusal.code)

    async def _refuse(
        self, context: Context, connection: Connection, result: GenerationResult, reason: str
    ) -> None:
        try:
            await self._run(context, connection, lambda u: refuse_generation(u, result, reason))
        except ConcurrencyError:
            raise
        except Refusal:
            log.info("a generation came for a project that is gone")

    async def _run(
        self, context: Context, connection: Connection, work: Callable[[Unit], Awaitable[Answer]]
    ) -> None:
        # Within the transaction of the message, so a half-done step must leave nothing behind.
        async with connection.transaction():
            await self._desk.log.run_as_service(context, work, connection)


class DepartedUsers:
    """Deletes the projects of a person who is gone, and the person's traces in others'."""

    name = "departed_users"
    topics = frozenset({topics.IDENTITY})
    types = frozenset({UserDeleted.TYPE})

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def handle(self, connection: Connection, envelope: Envelope, data: MessageData) -> None:
        user_id = envelope.subject
        context = following(envelope, "service:projects")

        async def work(unit: Unit) -> Answer:
            owned = await unit.connection.fetch(
                "select id from projects where owner_id = $1", user_id
            )
            for row in owned:
                await _delete(unit, row["id"])
            return Answer(200)

        await self._desk.log.run_as_service(context, work, connection)
        await _forget_person(connection, user_id)


class DeletedProjects:
    """Forgets the key of a deleted project and removes its frozen documents."""

    name = "deleted_projects"
    topics = frozenset({topics.PROJECTS})
    types = frozenset({ProjectDeleted.TYPE})

    def __init__(self, keys: Keys, documents: FrozenDocuments) -> None:
        self._keys = keys
        self._documents = documents

    async def handle(self, connection: Connection, envelope: Envelope, data: MessageData) -> None:
        await self._keys.forget(project_id=UUID(envelope.subject))
        await self._documents.remove(envelope.subject)


async def _delete(unit: Unit, project_id: UUID) -> None:
    try:
        project = await project_of(unit, project_id)
    except Unknown:
        return
    project.delete()
    unit.record(project)


async def _forget_person(connection: Connection, user_id: str) -> None:
    """References to a person become null; what was theirs alone goes (Q24)."""
    await connection.execute("delete from project_collaborators where user_id = $1", user_id)
    await connection.execute("delete from team_access where user_id = $1", user_id)
    await connection.execute("delete from media_assets where user_id = $1", user_id)
    for table, column in (
        ("projects", "last_edited_by"),
        ("timeline_elements", "created_by"),
        ("timeline_elements", "last_edited_by"),
        ("templates", "created_by"),
        ("project_collaborators", "invited_by"),
    ):
        await connection.execute(
            f"update {table} set {column} = null where {column} = $1",  # noqa: S608 - from above
            user_id,
        )
