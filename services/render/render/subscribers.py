"""What render hears: exports to make, and that a project or person is gone."""

from uuid import UUID

from contracts import Envelope, MessageData, topics
from contracts.identity import UserDeleted
from contracts.projects import ExportRequested, ProjectDeleted
from eventlog import Answer, EventLog, Unit
from render.domain.export import Export
from render.projections import exports
from runtime.context import Context
from runtime.database import Connection


class RequestedExports:
    """Stores a request as a job and a pending row; workers do the rest."""

    name = "requested_exports"
    topics = frozenset({topics.PROJECTS})
    types = frozenset({ExportRequested.TYPE})

    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def handle(self, connection: Connection, envelope: Envelope, data: MessageData) -> None:
        if not isinstance(data, ExportRequested):
            return

        async def work(unit: Unit) -> Answer:
            export = Export.queue(
                data.export_id,
                project_id=UUID(envelope.subject),
                user_id=data.user_id,
                canvas_id=data.canvas_id,
                social_format_id=data.social_format_id,
                document_hash=data.document_hash,
                document_version=data.document_version,
                document_key=data.document_key,
                settings=data.settings,
            )
            unit.record(export)
            unit.grant(data.export_id, data.user_id, read=True, write=True)
            return Answer(202)

        context = Context.for_actor(
            data.user_id,
            now=envelope.time,
            causation_id=envelope.id,
            correlation_id=envelope.correlationid,
            traceparent=envelope.traceparent,
        )
        await self._log.run_as_service(context, work, connection)


class Departures:
    """Removes the exports of a deleted project or person; bytes go with the next sweep."""

    name = "departures"
    topics = frozenset({topics.PROJECTS, topics.IDENTITY})
    types = frozenset({ProjectDeleted.TYPE, UserDeleted.TYPE})

    async def handle(self, connection: Connection, envelope: Envelope, data: MessageData) -> None:
        if isinstance(data, ProjectDeleted):
            await exports.remove_project(connection, UUID(envelope.subject))
        else:
            await exports.remove_user(connection, envelope.subject)
