"""Which relay publishes which shard: one session advisory lock per shard, shared out evenly."""

import random

from runtime.database import Connection

SHARDS = 16
_LOCKS = 0x6D63_656C  # first key of this library's advisory locks
_MEMBER = 1_000
_WATCH = 1_001


class Shards:
    """The shards that this connection holds. They are free again when it ends, however it ends."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._held: set[int] = set()

    @property
    def held(self) -> list[int]:
        return sorted(self._held)

    async def join(self) -> None:
        """Be counted among the relays of this database."""
        await self._connection.execute("SELECT pg_advisory_lock_shared($1, $2)", _LOCKS, _MEMBER)

    async def share(self) -> None:
        """Take free shards or give some back, until each relay has about the same number.

        Nothing may be on its way to the broker for a shard that is given back.
        """
        members = await self._connection.fetchval(_COUNT, _LOCKS, _MEMBER)
        fair = -(-SHARDS // max(1, members))
        for shard in self.held[fair:]:
            await self._connection.execute("SELECT pg_advisory_unlock($1, $2)", _LOCKS, shard)
            self._held.discard(shard)
        free = [shard for shard in range(SHARDS) if shard not in self._held]
        random.shuffle(free)
        for shard in free:
            if len(self._held) >= fair:
                return
            if await self._connection.fetchval(
                "SELECT pg_try_advisory_lock($1, $2)", _LOCKS, shard
            ):
                self._held.add(shard)


async def lock_watch(connection: Connection) -> None:
    """One relay at a time compares broker and database, until its transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock($1, $2)", _LOCKS, _WATCH)


_COUNT = """
SELECT count(*) FROM pg_locks
 WHERE locktype = 'advisory' AND classid = $1::bigint::oid AND objid = $2::bigint::oid
   AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
