"""What a client may ask of analytics."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class RecordActivity(BaseModel):
    """A client saw a project opened or saved; `session_id` groups one visit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    activity_id: UUID
    project_id: UUID
    user_id: str
    activity: Literal["project_opened", "project_saved"]
    session_id: str | None
