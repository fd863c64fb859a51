"""Preflight: what stands between a canvas and a post its format accepts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from eventlog.domain import Refusal
from projects.adapters import standing
from projects.domain.catalogue_facts import FormatFacts
from projects.domain.freezing import canvas_document, elements_of, media_ids, media_of
from projects.domain.json_values import JsonObject
from projects.domain.project import Project
from projects.domain.refusals import Unknown
from projects.handlers.desk import Desk, assets_for
from runtime.context import Context
from runtime.database import Connection
from scene.preflight import Finding, Format, check

PENDING = "media_pending"
PATIENCE_SECONDS = 30


class NotReady(Refusal):
    """Findings forbid the export; `findings` tells which."""

    def __init__(self, findings: Sequence[JsonObject], retry_after: int | None) -> None:
        count = len(findings)
        super().__init__(
            "preflight",
            f"{count} finding{'s' if count > 1 else ''} must be mended before the export.",
            409,
            findings=list(findings),
        )
        if retry_after is not None:
            self.retry_after_seconds = retry_after


async def preflight(desk: Desk, context: Context, project_id: UUID) -> list[JsonObject]:
    """Findings of every canvas, as of now. Raises Unknown."""
    found: list[JsonObject] = []
    project = await desk.log.load_at(context, Project, project_id)
    if project.deleted:
        raise Unknown("project", str(project_id))
    async with desk.acting(context) as connection:
        await standing.require(connection, project_id, "read")
        formats = await desk.known_formats(connection)
        for canvas in project.canvases:
            found += map(
                shown, await findings(connection, project, canvas.id, formats, context.now)
            )
    return found


async def findings(
    connection: Connection,
    project: Project,
    canvas_id: str,
    formats: Mapping[str, FormatFacts],
    now: datetime,
    file_type: str | None = None,
) -> list[Finding]:
    """Of one canvas, for its usual file type or the one of an export."""
    canvas = project.canvas(canvas_id)
    asked = formats[canvas.social_format_id]
    assets = await assets_for(connection, project.id, media_of(project, canvas))
    document = canvas_document(project, canvas, asked, assets)
    return check(
        document,
        Format.model_validate(asked),
        file_type=file_type,
        waiting=_waiting(project, canvas_id, now),
    )


async def counted(
    connection: Connection,
    project: Project,
    canvas_id: str,
    formats: Mapping[str, FormatFacts],
    now: datetime,
) -> JsonObject:
    """How many errors and warnings a canvas has."""
    found = await findings(connection, project, canvas_id, formats, now)
    severities = [finding.severity for finding in found]
    return {"errors": severities.count("error"), "warnings": severities.count("warning")}


def require_ready(found: Sequence[Finding]) -> None:
    """Raises NotReady for errors, and for media that are still on their way (D14)."""
    blocking = [one for one in found if one.severity == "error" or one.rule == PENDING]
    if not blocking:
        return
    waits = [float(one.measured or 0) for one in blocking if one.rule == PENDING]
    hopeful = bool(waits) and all(one.rule == PENDING for one in blocking)
    left = PATIENCE_SECONDS - max(waits, default=0)
    retry_after = max(1, int(left)) if hopeful and left > 0 else None
    raise NotReady([shown(one) for one in blocking], retry_after)


def shown(finding: Finding) -> JsonObject:
    return finding.model_dump(mode="json", by_alias=True, exclude_none=True)


def _waiting(project: Project, canvas_id: str, now: datetime) -> dict[str, float]:
    """Seconds since each media file was first named here."""
    waiting: dict[str, float] = {}
    for element in elements_of(project, canvas_id):
        since = element.edited_at or now
        for name in media_ids(element.values):
            waiting[name] = max(waiting.get(name, 0.0), (now - since).total_seconds())
    return waiting
