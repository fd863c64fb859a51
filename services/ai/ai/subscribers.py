"""What ai hears: whether a result was used, and that a project or person is gone."""

from uuid import UUID

from ai.projections import ledger
from contracts import Envelope, MessageData, topics
from contracts.identity import UserDeleted
from contracts.projects import AiGenerationApplied, AiGenerationApplyRefused, ProjectDeleted
from runtime.database import Connection


class UsedGenerations:
    """Marks results that projects wrote into an element, or could not."""

    name = "used_generations"
    topics = frozenset({topics.PROJECTS})
    types = frozenset({AiGenerationApplied.TYPE, AiGenerationApplyRefused.TYPE})

    async def handle(self, connection: Connection, envelope: Envelope, data: MessageData) -> None:
        if isinstance(data, AiGenerationApplied):
            await ledger.mark_applied(connection, data.generation_id, data.element_id)
        elif isinstance(data, AiGenerationApplyRefused):
            await ledger.mark_not_applied(connection, data.generation_id, data.reason)


class Departures:
    """Removes the generations of a deleted project or person; bytes go with the next sweep."""

    name = "departures"
    topics = frozenset({topics.PROJECTS, topics.IDENTITY})
    types = frozenset({ProjectDeleted.TYPE, UserDeleted.TYPE})

    async def handle(self, connection: Connection, envelope: Envelope, data: MessageData) -> None:
        if isinstance(data, ProjectDeleted):
            gone = await ledger.remove_of(connection, "project_id", UUID(envelope.subject))
        else:
            gone = await ledger.remove_of(connection, "user_id", envelope.subject)
        await ledger.doom(connection, gone)
