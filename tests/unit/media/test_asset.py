"""A file of the library, and an upload that never became one."""

from typing import Any, cast
from uuid import uuid4

from media.domain.asset import Asset, RefusedUpload
from tests.support.story import given


def picture(**more: Any) -> Asset:
    facts: dict[str, Any] = {
        "user_id": "ana",
        "media_type": "image",
        "mime_type": "image/png",
        "file_size": 3,
        "provider": "s3",
        "bucket": "multicanvas-media",
        "object_key": "media/ana/1/original.png",
        "thumbnail_key": None,
    }
    return Asset.ready(uuid4(), **facts, **more)


def test_a_checked_file_is_told_once_with_where_it_lies() -> None:
    ready = cast(Asset.Created, next(iter(picture(width=600, height=400).collect_events())))
    assert ready.object_key == "media/ana/1/original.png"
    assert (ready.width, ready.height) == (600, 400)


def test_a_file_is_deleted() -> None:
    given(picture()).when(lambda a: a.delete()).then(
        Asset.Deleted, user_id="ana"
    ).then_nothing_more()


def test_deleting_a_file_twice_is_harmless() -> None:
    given(picture()).and_given(lambda a: a.delete()).when(lambda a: a.delete()).then_nothing_more()


def test_a_file_is_sealed_with_its_owners_key() -> None:
    scope = picture().key_scope
    assert (scope.kind, scope.user_id) == ("user", "ana")


def test_a_refused_upload_tells_why_and_nothing_else() -> None:
    refused = RefusedUpload.of(uuid4(), user_id="ana", reason="the content is not video/mp4")
    fact = cast(RefusedUpload.Created, next(iter(refused.collect_events())))
    assert fact.reason == "the content is not video/mp4"
