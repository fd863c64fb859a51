"""Where a person decides about dead letters: try again, or go on without."""

from collections.abc import Callable
from uuid import UUID

from eventlog import dead_letters
from eventlog.dead_letters import DeadLetter
from eventlog.delivery import Delivery, Transaction
from eventlog.incoming import Incoming
from runtime.database import Connection, Pool


class LetterRefused(Exception):
    """The letter cannot be decided on: it is closed, or its consumer is not of this service."""


class DeadLetterDesk:
    """Open letters of one service's consumers, and the two decisions.

    `on_commit` wakes the relay: going on may write messages.
    """

    def __init__(
        self, pool: Pool, delivery: Delivery, on_commit: Callable[[], None] = lambda: None
    ) -> None:
        self._pool = pool
        self._delivery = delivery
        self._on_commit = on_commit

    async def open_letters(self, consumer: str | None = None, limit: int = 100) -> list[DeadLetter]:
        async with self._pool.acquire() as connection:
            return await dead_letters.open_letters(connection, consumer, limit)

    async def retry(self, letter_id: UUID, by: str) -> bool:
        """Apply the message again and then what waited for it; False when it fails once more.

        `by` is the id of who decides. Raises LookupError and LetterRefused.
        """
        return await self._decide(letter_id, by, apply=True)

    async def drop(self, letter_id: UUID, by: str) -> None:
        """Go on as if the message had been applied. Raises LookupError and LetterRefused."""
        await self._decide(letter_id, by, apply=False)

    async def _decide(self, letter_id: UUID, by: str, *, apply: bool) -> bool:
        async with self._pool.acquire() as connection, connection.transaction():
            letter = await dead_letters.lock_letter(connection, letter_id)
            if letter.resolution is not None:
                raise LetterRefused(f"{letter_id} was {letter.resolution} before")
            incoming = await self._read(letter)
            reason = await self._settle(connection, letter, incoming, apply=apply)
            if reason is not None:
                await dead_letters.failed_again(connection, letter_id, reason)
                return False
            await dead_letters.resolve(connection, letter_id, "retried" if apply else "dropped", by)
        self._on_commit()
        return True

    async def _settle(
        self, connection: Connection, letter: DeadLetter, incoming: Incoming, *, apply: bool
    ) -> str | None:
        """None when the message is out of the way, else why it still fails."""
        work = Transaction(self._delivery, connection, isolate_after=letter.attempts)
        if letter.consumer == dead_letters.ANYONE:
            return await self._settle_unreadable(work, incoming, apply=apply)
        projection = self._delivery.projections.get(letter.consumer)
        reaction = self._delivery.reactions.get(letter.consumer)
        if projection is not None:
            return await work.settle(projection, incoming, apply=apply)
        if reaction is not None:
            return await work.attempt(reaction.name, incoming, reaction.handle) if apply else None
        raise LetterRefused(f"{letter.consumer} is not a consumer of {self._delivery.service}")

    async def _settle_unreadable(
        self, work: Transaction, incoming: Incoming, *, apply: bool
    ) -> str | None:
        if not apply:
            return None
        if incoming.envelope is None:
            return incoming.fault
        await work.lock([incoming])
        await work.take(incoming)
        await work.finish()
        return None

    async def _read(self, letter: DeadLetter) -> Incoming:
        return await self._delivery.reader.read_bytes(
            topic=letter.topic,
            partition=letter.partition,
            offset=letter.offset,
            key=letter.key,
            value=letter.value,
            headers=letter.headers,
        )
