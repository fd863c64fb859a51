"""What people ask of exports."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict


class _Command(BaseModel):
    model_config = ConfigDict(frozen=True)
    export_id: UUID
    user_id: str


class CancelExport(_Command):
    """Stop it within two seconds."""


class RetryExport(_Command):
    """Queue a failed or cancelled one again, with the same frozen document."""


class DownloadExport(_Command):
    """Hand out a link; counted once per `request_key`."""

    request_key: str


class DeleteExport(_Command):
    """Remove row and file."""
