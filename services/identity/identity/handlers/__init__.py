"""One function per command: load, ask, record, together with the rows that hold the secrets."""

from identity.handlers.desk import Desk, SignedIn
from identity.handlers.sessions import end_expired, end_sessions, refresh, session_of
from identity.handlers.signing import sign_in, sign_up
from identity.handlers.users import change_password, delete_user, edit_user

__all__ = [
    "Desk",
    "SignedIn",
    "change_password",
    "delete_user",
    "edit_user",
    "end_expired",
    "end_sessions",
    "refresh",
    "session_of",
    "sign_in",
    "sign_up",
]
