"""What the identity service tells: users, accounts, sessions. Never a secret."""

from datetime import datetime
from typing import ClassVar

from contracts import topics
from contracts.envelope import MessageData


class _Fact(MessageData):
    TOPIC: ClassVar[str] = topics.IDENTITY


class UserCreated(_Fact):
    """Someone signed up. Subject: the user's id."""

    TYPE = "identity.user_created.v1"
    SEALED = ("/name", "/email", "/image")
    name: str | None = None
    email: str | None = None
    image: str | None = None
    email_verified: bool = False


class UserEdited(_Fact):
    """Name or picture changed: only changed members are present, a cleared one in `cleared`."""

    TYPE = "identity.user_edited.v1"
    SEALED = ("/name", "/image")
    name: str | None = None
    image: str | None = None
    cleared: list[str] = []


class UserDeleted(_Fact):
    """A person is gone; every service drops what belongs to them."""

    TYPE = "identity.user_deleted.v1"


class PasswordChanged(_Fact):
    """A password was set anew. Subject: the user's id."""

    TYPE = "identity.password_changed.v1"


class AccountLinked(_Fact):
    """A way to sign in was added. Subject: the account's id."""

    TYPE = "identity.account_linked.v1"
    user_id: str
    provider_id: str


class SessionStarted(_Fact):
    """Someone signed in. Subject: the session's id; the address is truncated."""

    TYPE = "identity.session_started.v1"
    SEALED = ("/ipAddress", "/userAgent")
    user_id: str
    expires_at: datetime
    ip_address: str | None = None
    user_agent: str | None = None


class SessionEnded(_Fact):
    """A session was signed out, revoked or has expired; caches drop it at once."""

    TYPE = "identity.session_ended.v1"
    user_id: str
    reason: str


MESSAGES: tuple[type[MessageData], ...] = (
    UserCreated,
    UserEdited,
    UserDeleted,
    PasswordChanged,
    AccountLinked,
    SessionStarted,
    SessionEnded,
)
