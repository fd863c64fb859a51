"""Which row of the audit trail a message becomes (D26)."""

import json
from pathlib import Path

import pytest

from analytics.projections.project_analytics import ProjectAnalytics, entry_of
from analytics.projections.project_totals import ProjectTotals, sums_of
from contracts import read

GOLDEN = Path(__file__).parents[2] / "contract" / "messages" / "golden"
SEED_TYPES = {
    "project_created",
    "project_opened",
    "project_saved",
    "template_applied",
    "element_added",
    "element_edited",
    "ai_text_generated",
    "ai_image_generated",
    "export_started",
    "export_completed",
    "collaboration_invited",
    "collaboration_joined",
}


def golden(name: str) -> bytes:
    return (GOLDEN / f"{name}.json").read_bytes()


@pytest.mark.parametrize("name", sorted(ProjectAnalytics.types))
def test_every_message_of_a_project_has_a_row_of_the_seeds_types(name: str) -> None:
    message = read(golden(name))
    assert message.data is not None
    entry = entry_of(message.envelope, message.data)
    assert entry is not None
    assert entry.event_type in SEED_TYPES
    assert entry.action in name or entry.action == entry.event_type


@pytest.mark.parametrize(
    ("name", "event_type"),
    [
        ("projects.element_edited.v1", "element_edited"),
        ("projects.element_deleted.v1", "element_edited"),
        ("projects.element_added.v1", "element_added"),
        ("projects.canvas_deleted.v1", "project_saved"),
        ("projects.project_deleted.v1", "project_saved"),
        ("projects.export_requested.v1", "project_saved"),
        ("render.export_started.v1", "export_started"),
        ("analytics.activity_recorded.v1", "project_opened"),
    ],
)
def test_elements_keep_their_names_and_all_else_is_saved(name: str, event_type: str) -> None:
    message = read(golden(name))
    assert message.data is not None
    entry = entry_of(message.envelope, message.data)
    assert entry is not None
    assert entry.event_type == event_type


def test_the_row_of_an_edit_names_what_changed_but_not_to_what() -> None:
    message = read(golden("projects.element_edited.v1"))
    assert message.data is not None
    entry = entry_of(message.envelope, message.data)
    assert entry is not None
    assert entry.changed == ("properties.text.fontSize",)


@pytest.mark.parametrize("name", sorted(ProjectTotals.types))
def test_every_message_of_the_sums_adds_at_most_one_of_a_kind(name: str) -> None:
    message = read(golden(name))
    assert message.data is not None
    sums = sums_of(message.data)
    counted = [v for k, v in vars(sums).items() if not k.endswith(("bytes", "millis"))]
    assert sum(counted) <= 1


def test_the_trail_reads_only_what_is_open() -> None:
    sealed = json.loads(golden("projects.element_edited.v1"))
    for change in sealed["data"]["changes"]:
        change.pop("before")
        change.pop("after")
    message = read(json.dumps(sealed).encode())
    assert message.data is not None
    assert entry_of(message.envelope, message.data) is not None
