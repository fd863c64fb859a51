"""What the media service tells: files of users that are ready, changed, refused or gone."""

from typing import ClassVar
from uuid import UUID

from contracts import topics
from contracts.envelope import MessageData


class _Fact(MessageData):
    TOPIC: ClassVar[str] = topics.MEDIA


class MediaReady(_Fact):
    """A file was checked, probed and stored. Subject: the media id. Sizes in bytes and pixels."""

    TYPE = "media.media_ready.v1"
    SEALED = ("/originalName", "/objectKey", "/thumbnailKey", "/sha256")
    user_id: str
    team_id: UUID | None = None
    media_type: str
    mime_type: str
    file_size: int
    provider: str
    bucket: str
    object_key: str | None = None
    thumbnail_key: str | None = None
    sha256: str | None = None
    original_name: str | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    has_audio: bool = False
    generation_id: UUID | None = None


class MediaRefused(_Fact):
    """An upload was not what it said, or is not allowed; nothing was kept."""

    TYPE = "media.media_refused.v1"
    user_id: str
    reason: str


class MediaDeleted(_Fact):
    """A file is gone; no new URL is signed for it."""

    TYPE = "media.media_deleted.v1"
    user_id: str


MESSAGES: tuple[type[MessageData], ...] = (MediaReady, MediaRefused, MediaDeleted)
