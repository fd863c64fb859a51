"""Users, their accounts and sessions as facts: no input, no output, no secrets."""

from identity.domain.account import Account
from identity.domain.session import Session
from identity.domain.user import User

__all__ = ["Account", "Session", "User"]
