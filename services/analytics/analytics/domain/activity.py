"""What only a client knows: a project was opened or saved there."""

from typing import ClassVar
from uuid import UUID

from eventlog.domain import Aggregate, KeyScope, event


class Activity(Aggregate):
    """One report of a client; it never changes."""

    TOPIC: ClassVar[str] = "analytics.activity"

    class Created(Aggregate.Created):
        TOPIC: ClassVar[str] = "analytics.activity_recorded"
        SEALED: ClassVar[tuple[str, ...]] = ("/userAgent", "/ipAddress")
        project_id: UUID
        user_id: str
        activity: str
        session_id: str | None = None
        user_agent: str | None = None
        ip_address: str | None = None

    @classmethod
    def record(
        cls,
        activity_id: UUID,
        *,
        project_id: UUID,
        user_id: str,
        activity: str,
        session_id: str | None,
    ) -> "Activity":
        return cls._create(
            cls.Created,
            id=activity_id,
            project_id=project_id,
            user_id=user_id,
            activity=activity,
            session_id=session_id,
        )

    @event(Created)
    def __init__(self, project_id: UUID, user_id: str) -> None:
        self.project_id = project_id
        self.user_id = user_id

    @property
    def key_scope(self) -> KeyScope:
        return KeyScope("user", self.user_id, user_id=self.user_id)
