"""Messages that are no event of this service, sent by its relay after the commit."""

from collections.abc import Mapping

from runtime.database import Connection


async def enqueue(
    connection: Connection,
    destination: str,
    key: bytes,
    value: bytes,
    headers: Mapping[str, str] | None = None,
    *,
    shard: int | None = None,
) -> None:
    """Put one message for the topic `destination` into the outbox, as the worker role.

    `shard` None takes it from the key; give an aggregate's shard to stay in order with its events.
    """
    await connection.execute(
        "SELECT eventlog.enqueue_as_worker($1, $2, $3, $4, $5)",
        destination,
        key,
        value,
        dict(headers or {}),
        shard,
    )
