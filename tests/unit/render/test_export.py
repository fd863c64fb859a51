"""The life of an export."""

from uuid import uuid4

import pytest

from contracts.render import ExportCompleted
from eventlog.domain import Refusal
from render.domain.export import Export
from render.publisher import PUBLISHED

FILE = {
    "provider": "local",
    "bucket": "b",
    "output_key": "k",
    "thumbnail_key": "t",
    "mime_type": "video/mp4",
    "file_size": 9,
    "width": 2,
    "height": 2,
    "duration": 1.0,
    "sha256": "s",
    "processing_time": 5,
}


def queued() -> Export:
    return Export.queue(
        uuid4(),
        project_id=uuid4(),
        user_id="ann",
        canvas_id=uuid4(),
        social_format_id=uuid4(),
        document_hash="1-x",
        document_version=3,
        document_key="frozen/x",
        settings={"format": "mp4"},
    )


def completed() -> Export:
    export = queued()
    export.start(1)
    export.complete(**FILE)
    return export


def names(export: Export) -> list[str]:
    return [event.TOPIC for event in export.collect_events()]  # pyright: ignore[reportAttributeAccessIssue] - our own events


def test_an_export_is_queued_started_and_completed() -> None:
    export = completed()
    assert export.status == "completed"
    assert names(export) == [
        "render.export_queued",
        "render.export_started",
        "render.export_completed",
    ]


def test_each_fact_serialises_to_its_messages_members() -> None:
    event = list(completed().collect_events())[-1]
    data = event.model_dump(  # pyright: ignore[reportAttributeAccessIssue] - our own events
        mode="json", by_alias=True, exclude={"originator_id", "originator_version", "timestamp"}
    )
    message = ExportCompleted.model_validate(data)
    assert message.model_dump(mode="json", by_alias=True) == data
    assert PUBLISHED.of("render.export_completed").type == "render.export_completed.v1"


def test_given_a_completed_export_a_second_result_changes_nothing() -> None:
    export = completed()
    export.collect_events()
    export.complete(**FILE)
    export.fail("late", "too late")
    export.start(2)
    assert names(export) == []


def test_given_a_completed_export_when_cancelled_then_refused() -> None:
    with pytest.raises(Refusal, match="nothing to cancel"):
        completed().cancel()


def test_given_a_cancelled_export_when_cancelled_again_then_nothing_happens() -> None:
    export = queued()
    export.cancel()
    export.collect_events()
    export.cancel()
    assert names(export) == []


def test_given_a_failed_export_when_retried_then_it_waits_again() -> None:
    export = queued()
    export.fail("crashed", "it broke")
    export.retry()
    assert export.status == "pending"
    with pytest.raises(Refusal, match="only failed ones"):
        export.retry()


def test_downloads_are_counted_and_only_of_files() -> None:
    export = completed()
    export.download()
    export.download()
    assert export.download_count == 2
    with pytest.raises(Refusal, match="no file yet"):
        queued().download()


def test_given_a_deleted_export_then_it_is_unknown() -> None:
    export = completed()
    export.delete()
    for change in (export.delete, export.cancel, export.retry, export.download):
        with pytest.raises(Refusal) as refused:
            change()
        assert refused.value.status == 404
