"""A stay of a user: when it began, when it ended and why. Its token is a row, never a fact."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from eventlog.domain import Aggregate, KeyScope, event

EndReason = Literal["signed_out", "revoked", "expired", "password_changed"]


class Session(Aggregate):
    TOPIC: ClassVar[str] = "identity.session"

    class Created(Aggregate.Created):
        TOPIC: ClassVar[str] = "identity.session_started"
        SEALED: ClassVar[tuple[str, ...]] = ("/ipAddress", "/userAgent")
        user_id: str
        expires_at: datetime
        ip_address: str | None = None
        user_agent: str | None = None

    class Ended(Aggregate.Event):
        TOPIC: ClassVar[str] = "identity.session_ended"
        user_id: str
        reason: str

    @classmethod
    def start(
        cls,
        session_id: UUID,
        *,
        user_id: str,
        expires_at: datetime,
        ip_address: str | None,
        user_agent: str | None,
    ) -> "Session":
        """`ip_address` comes truncated: a fact is kept for good."""
        return cls(
            id=session_id,
            user_id=user_id,
            expires_at=expires_at,
            ip_address=ip_address,
            user_agent=user_agent,
        )

    @event(Created)
    def __init__(
        self,
        id: UUID,  # noqa: A002 - the name by which the library hands over the aggregate's id
        user_id: str,
        expires_at: datetime,
        ip_address: str | None = None,
        user_agent: str | None = None,
    ) -> None:
        self.user_id = user_id
        self.ended = False

    @property
    def key_scope(self) -> KeyScope:
        return KeyScope("user", self.user_id, user_id=self.user_id)

    def end(self, reason: EndReason) -> None:
        """Ending twice is harmless: revoking and signing out may meet."""
        if not self.ended:
            self.trigger_event(self.Ended, user_id=self.user_id, reason=reason)

    @event(Ended)
    def _end(self, user_id: str, reason: str) -> None:
        self.ended = True
