"""What a person may ask of media."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict


class _Command(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BeginUpload(_Command):
    """Announce a file. `file_size` in bytes; `upload_id` may be the client's own."""

    upload_id: UUID
    user_id: str
    filename: str
    mime_type: str
    file_size: int
    sha256: str | None


class CompleteUpload(_Command):
    """The bytes are there: check them."""

    upload_id: UUID
    user_id: str


class DeleteMedia(_Command):
    media_id: UUID
    user_id: str
