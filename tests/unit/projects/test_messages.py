"""Facts of this service against the messages that others read."""

import pytest

from contracts import projects as messages
from projects.domain.catalogue import Category, Format, Template
from projects.domain.project import Project
from projects.publisher import PUBLISHED

PAIRS = [
    (Format.Created, messages.FormatAdded),
    (Category.Created, messages.CategoryAdded),
    (Template.Created, messages.TemplateSaved),
    (Project.Created, messages.ProjectCreated),
    (Project.ProjectEdited, messages.ProjectEdited),
    (Project.ProjectDeleted, messages.ProjectDeleted),
    (Project.TemplateApplied, messages.TemplateApplied),
    (Project.CanvasAdded, messages.CanvasAdded),
    (Project.CanvasEdited, messages.CanvasEdited),
    (Project.CanvasDeleted, messages.CanvasDeleted),
    (Project.ElementAdded, messages.ElementAdded),
    (Project.ElementEdited, messages.ElementEdited),
    (Project.ElementDeleted, messages.ElementDeleted),
    (Project.ExportRequested, messages.ExportRequested),
    (Project.AiGenerationApplied, messages.AiGenerationApplied),
    (Project.AiGenerationApplyRefused, messages.AiGenerationApplyRefused),
]
NOT_DATA = {"originator_id", "originator_version", "timestamp", "originator_topic"}


@pytest.mark.parametrize(("fact", "message"), PAIRS, ids=lambda one: one.__name__)
def test_a_fact_has_exactly_the_members_of_its_message(fact: type, message: type) -> None:
    assert PUBLISHED.of(fact.TOPIC).message is message
    own = {f.alias or name for name, f in fact.model_fields.items() if name not in NOT_DATA}
    assert own == {f.alias or name for name, f in message.model_fields.items()}
