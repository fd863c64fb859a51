"""Whether a part is away, rather than us being wrong."""

import asyncio
from typing import cast

import asyncpg

_KAFKA_OUTAGES = frozenset(
    {"KafkaConnectionError", "KafkaTimeoutError", "NodeNotReadyError", "NoBrokersAvailable"}
)


def is_outage(error: BaseException) -> bool:
    """Whether PostgreSQL, Kafka or the object store is away, rather than us being wrong."""
    if isinstance(error, BaseExceptionGroup):
        inner = cast("BaseExceptionGroup[BaseException]", error).exceptions
        return all(is_outage(one) for one in inner)
    if isinstance(error, ConnectionError | TimeoutError | asyncio.TimeoutError):
        return True
    if isinstance(
        error,
        asyncpg.PostgresConnectionError
        | asyncpg.CannotConnectNowError
        | asyncpg.AdminShutdownError
        | asyncpg.CrashShutdownError
        | asyncpg.TooManyConnectionsError
        | asyncpg.QueryCanceledError
        | asyncpg.LockNotAvailableError,
    ):
        return True
    if isinstance(error, asyncpg.InterfaceError):
        return "clos" in str(error)
    if isinstance(error, OSError):
        # A connection to several addresses fails as a plain OSError; a missing file has a subclass.
        return type(error) is OSError or type(error).__name__ in {"gaierror", "herror"}
    return type(error).__name__ in _KAFKA_OUTAGES
