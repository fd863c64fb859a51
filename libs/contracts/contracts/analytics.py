"""What the analytics service tells: what only a client knows."""

from typing import ClassVar
from uuid import UUID

from contracts import topics
from contracts.envelope import MessageData


class ActivityRecorded(MessageData):
    """A client reported that a project was opened or saved. Subject: the activity's id."""

    TYPE = "analytics.activity_recorded.v1"
    TOPIC: ClassVar[str] = topics.ANALYTICS
    SEALED = ("/userAgent", "/ipAddress")
    project_id: UUID
    user_id: str
    activity: str
    session_id: str | None = None
    user_agent: str | None = None
    ip_address: str | None = None


MESSAGES: tuple[type[MessageData], ...] = (ActivityRecorded,)
