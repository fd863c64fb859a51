"""An export: one canvas at one version on its way to a file."""

from typing import Any, ClassVar, Literal
from uuid import UUID

from eventlog.domain import Aggregate, KeyScope, event
from render.domain import refusals

Status = Literal["pending", "processing", "completed", "failed", "cancelled"]


class Export(Aggregate):
    TOPIC: ClassVar[str] = "render.export"

    class Created(Aggregate.Created):
        """It waits for a worker; the frozen document lies under `document_key`."""

        TOPIC: ClassVar[str] = "render.export_queued"
        SEALED: ClassVar[tuple[str, ...]] = ("/documentKey", "/settings/metadata")
        project_id: UUID
        user_id: str
        canvas_id: UUID
        social_format_id: UUID
        document_hash: str
        document_version: int
        document_key: str | None = None
        settings: dict[str, Any]

    class Started(Aggregate.Event):
        TOPIC: ClassVar[str] = "render.export_started"
        project_id: UUID
        user_id: str
        canvas_id: UUID
        attempt: int

    class Completed(Aggregate.Event):
        """`duration` in seconds, `processing_time` in milliseconds, `file_size` in bytes."""

        TOPIC: ClassVar[str] = "render.export_completed"
        SEALED: ClassVar[tuple[str, ...]] = ("/outputKey", "/thumbnailKey")
        project_id: UUID
        user_id: str
        canvas_id: UUID
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

    class Failed(Aggregate.Event):
        TOPIC: ClassVar[str] = "render.export_failed"
        SEALED: ClassVar[tuple[str, ...]] = ("/errorMessage",)
        project_id: UUID
        user_id: str
        canvas_id: UUID
        code: str
        error_message: str | None = None

    class Cancelled(Aggregate.Event):
        TOPIC: ClassVar[str] = "render.export_cancelled"
        project_id: UUID
        user_id: str
        canvas_id: UUID

    class Retried(Aggregate.Event):
        TOPIC: ClassVar[str] = "render.export_retried"
        project_id: UUID
        user_id: str
        canvas_id: UUID

    class Downloaded(Aggregate.Event):
        TOPIC: ClassVar[str] = "render.export_downloaded"
        project_id: UUID
        user_id: str
        canvas_id: UUID
        download_count: int

    class Deleted(Aggregate.Event):
        TOPIC: ClassVar[str] = "render.export_deleted"
        project_id: UUID
        user_id: str
        canvas_id: UUID

    @event(Created)
    def __init__(
        self, project_id: UUID, user_id: str, canvas_id: UUID, social_format_id: UUID
    ) -> None:
        self.project_id = project_id
        self.user_id = user_id
        self.canvas_id = canvas_id
        self.social_format_id = social_format_id
        self.status: Status = "pending"
        self.download_count = 0
        self.is_deleted = False

    @classmethod
    def queue(cls, export_id: UUID, **facts: Any) -> "Export":
        """Ask for a file; `facts` are the fields of Created."""
        return cls._create(cls.Created, id=export_id, **facts)

    @property
    def key_scope(self) -> KeyScope:
        return KeyScope("project", str(self.project_id), self.project_id)

    @property
    def is_open(self) -> bool:
        """Whether a worker may still bring it to an end."""
        return self.status in ("pending", "processing") and not self.is_deleted

    def start(self, attempt: int) -> None:
        """A worker begins; nothing happens once it is over."""
        if self.is_open:
            self._tell(self.Started, attempt=attempt)

    def complete(self, **facts: Any) -> None:
        """The file is stored. A second file of the same export is ignored: the first one counts."""
        if self.is_open:
            self._tell(self.Completed, social_format_id=self.social_format_id, **facts)

    def fail(self, code: str, message: str) -> None:
        if self.is_open:
            self._tell(self.Failed, code=code, error_message=message)

    def cancel(self) -> None:
        """Stop it; cancelling twice is the same as once. Raises Refusal when it is over."""
        self._check_there()
        if self.status == "cancelled":
            return
        if not self.is_open:
            raise refusals.already_over(self.status)
        self._tell(self.Cancelled)

    def retry(self) -> None:
        """Queue it again. Raises Refusal unless it failed or was cancelled."""
        self._check_there()
        if self.status not in ("failed", "cancelled"):
            raise refusals.not_retryable(self.status)
        self._tell(self.Retried)

    def download(self) -> None:
        """Count one download. Raises Refusal while there is no file."""
        self._check_there()
        if self.status != "completed":
            raise refusals.not_completed(self.status)
        self._tell(self.Downloaded, download_count=self.download_count + 1)

    def delete(self) -> None:
        self._check_there()
        self._tell(self.Deleted)

    def _check_there(self) -> None:
        if self.is_deleted:
            raise refusals.unknown_export()

    def _tell(self, fact: type[Aggregate.Event], **facts: Any) -> None:
        self.trigger_event(
            fact,
            project_id=self.project_id,
            user_id=self.user_id,
            canvas_id=self.canvas_id,
            **facts,
        )

    @event(Started)
    def _started(self) -> None:
        self.status = "processing"

    @event(Completed)
    def _completed(self) -> None:
        self.status = "completed"

    @event(Failed)
    def _failed(self) -> None:
        self.status = "failed"

    @event(Cancelled)
    def _cancelled(self) -> None:
        self.status = "cancelled"

    @event(Retried)
    def _retried(self) -> None:
        self.status = "pending"

    @event(Downloaded)
    def _downloaded(self, download_count: int) -> None:
        self.download_count = download_count

    @event(Deleted)
    def _deleted(self) -> None:
        self.is_deleted = True
