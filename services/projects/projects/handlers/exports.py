"""Asking for files: each canvas is frozen first, so an export is exactly the version asked for."""

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from eventlog import Answer, ConcurrencyError, IdempotencyKey, Unit
from eventlog.http import etag
from projects.adapters import standing
from projects.commands import ExportWish
from projects.domain.canvas_edits import canvas_ids_of
from projects.domain.export_rules import settled
from projects.domain.freezing import canvas_document, media_of
from projects.domain.json_values import JsonObject
from projects.domain.project import Project
from projects.domain.refusals import Unknown
from projects.handlers.checking import findings, require_ready
from projects.handlers.desk import Desk, assets_for, new_id, project_of
from projects.handlers.edits import named_canvases
from runtime import clock
from runtime.context import Context
from runtime.database import Connection
from scene.document import Document
from scene.preflight import Finding

_TRIES = 5


class _Moved(Exception):
    """The project was edited between freezing and asking."""


async def request_exports(
    desk: Desk,
    context: Context,
    project_id: UUID,
    wish: ExportWish,
    *,
    expected: int | None = None,
    idempotency: IdempotencyKey | None = None,
) -> Answer:
    """202 with one pending export per canvas.

    Raises NotReady (409) with the findings that forbid it, Invalid, NotAllowed, Unknown.
    """
    for _ in range(_TRIES):
        frozen = await _freeze(desk, context, project_id, wish)

        async def work(unit: Unit, frozen: "_Frozen" = frozen) -> Answer:
            await standing.require(unit.connection, project_id, "export")
            project = await project_of(unit, project_id)
            unit.expect(project, expected)
            if project.version != frozen.version:
                raise _Moved
            items = [_ask(project, context, frozen.version, one) for one in frozen.canvases]
            unit.record(project)
            body = {
                "items": items,
                "version": project.version,
                "commandNumber": project.command_number,
            }
            return Answer(202, body, etag(project.version))

        try:
            return await desk.log.run(context, work, idempotency=idempotency)
        except _Moved:
            continue
    raise ConcurrencyError


class _Frozen:
    """What was frozen at one version of the project."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.canvases: list[JsonObject] = []


async def _freeze(desk: Desk, context: Context, project_id: UUID, wish: ExportWish) -> _Frozen:
    """Documents of the wanted canvases, stored; outside of the transaction that asks."""
    project = await desk.log.load_at(context, Project, project_id)
    if project.deleted:
        raise Unknown("project", str(project_id))
    settings = wish.settings.model_dump(mode="json", by_alias=True, exclude_none=True)
    wanted = named_canvases(wish.canvas_ids)
    frozen, documents = _Frozen(project.version), list[tuple[JsonObject, Document]]()
    async with desk.acting(context) as connection:
        await standing.require(connection, project_id, "export")
        documents = await _checked(desk, connection, context, project, wanted, settings)
    for asked, document in documents:
        digest, key = await desk.documents.freeze(project, document)
        frozen.canvases.append({**asked, "documentHash": digest, "documentKey": key})
    return frozen


async def _checked(
    desk: Desk,
    connection: Connection,
    context: Context,
    project: Project,
    wanted: list[str] | Literal["all"],
    settings: Mapping[str, Any],
) -> list[tuple[JsonObject, Document]]:
    formats = await desk.known_formats(connection)
    found: list[Finding] = []
    documents: list[tuple[JsonObject, Document]] = []
    for canvas_id in canvas_ids_of(project, wanted):
        canvas = project.canvas(canvas_id)
        asked = formats[canvas.social_format_id]
        own = settled(settings, asked)
        found += await findings(
            connection, project, canvas_id, formats, context.now, str(own["format"])
        )
        assets = await assets_for(connection, project.id, media_of(project, canvas))
        document = canvas_document(project, canvas, asked, assets)
        documents.append(
            ({"canvasId": canvas_id, "socialFormatId": asked.id, "settings": own}, document)
        )
    require_ready(found)
    return documents


def _ask(project: Project, context: Context, version: int, asked: JsonObject) -> JsonObject:
    export_id = new_id()
    project.trigger_event(
        Project.ExportRequested,
        export_id=export_id,
        user_id=context.actor,
        canvas_id=asked["canvasId"],
        social_format_id=asked["socialFormatId"],
        document_hash=asked["documentHash"],
        document_version=version,
        document_key=asked["documentKey"],
        settings=asked["settings"],
    )
    return {
        "id": export_id,
        "projectId": str(project.id),
        "canvasId": asked["canvasId"],
        "socialFormatId": asked["socialFormatId"],
        "status": "pending",
        "exportSettings": asked["settings"],
        "documentHash": asked["documentHash"],
        "documentVersion": version,
        "createdAt": clock.iso(context.now),
    }
