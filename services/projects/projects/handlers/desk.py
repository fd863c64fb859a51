"""What every command of this service works with."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from eventlog import EventLog, Unit
from projects.adapters import media, templates
from projects.adapters.catalogue import Formats
from projects.adapters.frozen_documents import FrozenDocuments
from projects.domain.catalogue_facts import FormatFacts
from projects.domain.json_values import JsonObject
from projects.domain.placeholders import KnownMedia, Placeholder, fill
from projects.domain.project import Project
from projects.domain.refusals import Unknown, invalid
from projects.domain.template_layers import TemplateFacts
from runtime import ids
from runtime.context import Context, ContextSigner, acting
from runtime.database import Connection, Pools


@dataclass(frozen=True)
class Desk:
    """The log, the tables and the store of frozen documents."""

    log: EventLog
    pools: Pools
    signer: ContextSigner
    documents: FrozenDocuments
    formats: Formats = field(default_factory=Formats)

    def acting(self, context: Context) -> AbstractAsyncContextManager[Connection]:
        """A transaction for reading as the person of the context."""
        return acting(self.pools.app, self.signer, context.actor)

    async def known_formats(self, connection: Connection) -> Mapping[str, FormatFacts]:
        return await self.formats.all(connection)


def new_id() -> str:
    return str(ids.uuid7())


async def project_of(unit: Unit, project_id: UUID) -> Project:
    """Raises AggregateNotFound or Unknown: a deleted project is not there."""
    project = await unit.load(Project, project_id)
    if project.deleted:
        raise Unknown("project", str(project_id))
    return project


def uuids(names: Iterable[str]) -> set[UUID]:
    """Those of the references that can be ids at all."""
    found: set[UUID] = set()
    for name in names:
        try:
            found.add(UUID(name))
        except ValueError:
            continue
    return found


async def assets_for(
    connection: Connection, project_id: UUID | None, names: Iterable[str]
) -> dict[str, JsonObject]:
    """What is known of these media files: those of the project, else (a new one) the actor's."""
    wanted = uuids(names)
    if not wanted:
        return {}
    if project_id is None:
        return await media.own(connection, wanted)
    return await media.of_project(connection, project_id, wanted)


async def template_named(connection: Connection, name: str) -> TemplateFacts:
    """By id or slug. Raises Invalid."""
    row = await templates.one(connection, name)
    if row is None or not row["isActive"]:
        raise invalid("/templateId", "unknown_template", f"There is no template {name}.")
    return TemplateFacts.model_validate(row)


def filled_in(
    template: TemplateFacts, given: Mapping[str, Any] | None, assets: Mapping[str, JsonObject]
) -> dict[str, str]:
    """A value for every placeholder. Raises Invalid with one fault per placeholder."""
    blanks = [Placeholder.model_validate(one) for one in template.placeholders]
    known = {name: KnownMedia.model_validate(asset) for name, asset in assets.items()}
    return fill(blanks, given or {}, known)
