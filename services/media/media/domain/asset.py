"""An asset: one file of a user, from the moment it is known to be what it says."""

from typing import Any, ClassVar
from uuid import UUID

from eventlog.domain import Aggregate, KeyScope, event


class Asset(Aggregate):
    """A checked and stored file."""

    TOPIC: ClassVar[str] = "media.asset"

    class Created(Aggregate.Created):
        """Sizes in bytes and pixels, duration in seconds."""

        TOPIC: ClassVar[str] = "media.media_ready"
        SEALED: ClassVar[tuple[str, ...]] = (
            "/originalName",
            "/objectKey",
            "/thumbnailKey",
            "/sha256",
        )
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

    class Deleted(Aggregate.Event):
        TOPIC: ClassVar[str] = "media.media_deleted"
        user_id: str

    @event(Created)
    def __init__(
        self, user_id: str, bucket: str, object_key: str | None, thumbnail_key: str | None
    ) -> None:
        self.user_id = user_id
        self.bucket = bucket
        self.object_key = object_key
        self.thumbnail_key = thumbnail_key
        self.is_deleted = False

    @classmethod
    def ready(cls, media_id: UUID, **facts: Any) -> "Asset":
        """A file that was checked; `facts` are the fields of Created."""
        return cls._create(cls.Created, id=media_id, **facts)

    @property
    def key_scope(self) -> KeyScope:
        return KeyScope(kind="user", id=self.user_id, user_id=self.user_id)

    def delete(self) -> None:
        if not self.is_deleted:
            self.trigger_event(self.Deleted, user_id=self.user_id)

    @event(Deleted)
    def _deleted(self) -> None:
        self.is_deleted = True


class RefusedUpload(Aggregate):
    """An upload that was not what it said. Nothing of it is kept but the fact."""

    TOPIC: ClassVar[str] = "media.refused_upload"

    class Created(Aggregate.Created):
        TOPIC: ClassVar[str] = "media.media_refused"
        user_id: str
        reason: str

    @classmethod
    def of(cls, media_id: UUID, *, user_id: str, reason: str) -> "RefusedUpload":
        return cls._create(cls.Created, id=media_id, user_id=user_id, reason=reason)

    @event(Created)
    def __init__(self, user_id: str, reason: str) -> None:
        self.user_id = user_id
        self.reason = reason

    @property
    def key_scope(self) -> KeyScope:
        return KeyScope(kind="user", id=self.user_id, user_id=self.user_id)
