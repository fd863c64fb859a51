"""What the render service tells: the life of an export, and its progress."""

from typing import Any, ClassVar
from uuid import UUID

from contracts import topics
from contracts.envelope import MessageData


class _Fact(MessageData):
    TOPIC: ClassVar[str] = topics.RENDER
    project_id: UUID
    user_id: str
    canvas_id: UUID


class ExportQueued(_Fact):
    """An export waits for a worker. Subject: the export's id."""

    TYPE = "render.export_queued.v1"
    SEALED = ("/documentKey", "/settings/metadata")
    social_format_id: UUID
    document_hash: str
    document_version: int
    document_key: str | None = None
    settings: dict[str, Any]


class ExportStarted(_Fact):
    """A worker began."""

    TYPE = "render.export_started.v1"
    attempt: int = 1


class ExportCompleted(_Fact):
    """The file is stored. `duration` in seconds (0 for stills), `processingTime` in ms."""

    TYPE = "render.export_completed.v1"
    SEALED = ("/outputKey", "/thumbnailKey")
    social_format_id: UUID
    provider: str
    bucket: str
    output_key: str | None = None
    thumbnail_key: str | None = None
    mime_type: str
    file_size: int
    width: int
    height: int
    duration: float
    sha256: str
    processing_time: int
    reused: bool = False


class ExportFailed(_Fact):
    """No file, and why, in words a person understands."""

    TYPE = "render.export_failed.v1"
    SEALED = ("/errorMessage",)
    code: str
    error_message: str | None = None


class ExportCancelled(_Fact):
    """Someone stopped it."""

    TYPE = "render.export_cancelled.v1"


class ExportRetried(_Fact):
    """A failed or cancelled export waits for a worker again."""

    TYPE = "render.export_retried.v1"


class ExportDownloaded(_Fact):
    """A download was handed out; counted once per request key."""

    TYPE = "render.export_downloaded.v1"
    download_count: int


class ExportDeleted(_Fact):
    """File and row are gone."""

    TYPE = "render.export_deleted.v1"


class ExportProgress(_Fact):
    """How far a running export is: 0 to 1. Lossy: own topic, no sequence."""

    TYPE = "render.export_progress.v1"
    TOPIC: ClassVar[str] = topics.RENDER_PROGRESS
    progress: float
    frames_done: int
    frames_total: int
    stage: str


MESSAGES: tuple[type[MessageData], ...] = (
    ExportQueued,
    ExportStarted,
    ExportCompleted,
    ExportFailed,
    ExportCancelled,
    ExportRetried,
    ExportDownloaded,
    ExportDeleted,
    ExportProgress,
)
