"""Which errors say nothing about the message: the same one may pass a moment later."""

import asyncpg
from eventsourcing.persistence import IntegrityError

_CLASSES = frozenset(
    {
        "08",  # connection
        "40",  # serialization, deadlock
        "53",  # insufficient resources
        "57",  # shutdown, cancelled, restarting
        "58",  # system error outside PostgreSQL
    }
)
_STATES = frozenset(
    {
        "55P03",  # lock not available
        "25P03",  # idle in transaction for too long
        "25P04",  # transaction too long
    }
)
_OF_FILES = (
    FileNotFoundError,
    FileExistsError,
    PermissionError,
    IsADirectoryError,
    NotADirectoryError,
)


def is_transient(error: BaseException | None) -> bool:
    """True for lost connections, conflicts and shortages, anywhere in the chain of causes.

    A version conflict of this service's own aggregates (`IntegrityError`) is one: the transaction
    is over, and the next attempt loads again.
    """
    while error is not None:
        if isinstance(error, asyncpg.PostgresError):
            state = error.sqlstate or ""
            if state[:2] in _CLASSES or state in _STATES:
                return True
        elif isinstance(error, IntegrityError | TimeoutError):
            return True
        elif isinstance(error, asyncpg.InterfaceError):
            if not isinstance(error, ValueError):  # that one is an argument of a wrong type
                return True
        elif isinstance(error, OSError) and not isinstance(error, _OF_FILES):
            return True
        error = error.__cause__
    return False
