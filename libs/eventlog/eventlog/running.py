"""A command from its first attempt to a settled end: conflicts, lost connections, twins."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import asyncpg
from asyncpg.transaction import Transaction

from eventlog.answers import Answer, IdempotencyKey, StoredAnswers
from eventlog.cache import AggregateCache, Kept
from eventlog.committing import InDoubt, Written, commit, happened, is_lost
from eventlog.errors import ConcurrencyError, KeyReused, OutcomeUnknown
from eventlog.loading import Loader
from eventlog.performing import Performer, Work
from eventlog.unit import Unit
from runtime.context import Context, ContextSigner, act_as, acting
from runtime.database import Connection, Pool

_ATTEMPTS = 24
_ATTEMPTS_WHEN_LOST = 3


@dataclass(frozen=True)
class Command:
    """What to run, on which pool, and who signs for it (`actor`, not always the context's)."""

    pool: Pool
    actor: str
    context: Context
    work: Work
    idempotency: IdempotencyKey | None = None


@dataclass(frozen=True)
class _Attempt:
    """How an attempt ended, unless it raised; `in_doubt` when its commit was not answered."""

    answer: Answer
    written: Written | None = None
    in_doubt: InDoubt | None = None
    repeated: bool = False


class Runner:
    """`committed` is told which aggregates a command wrote."""

    def __init__(
        self,
        signer: ContextSigner,
        loader: Loader,
        answers: StoredAnswers,
        performer: Performer,
        committed: Callable[[Sequence[Kept]], None],
    ) -> None:
        self._signer = signer
        self._loader = loader
        self._answers = answers
        self._performer = performer
        self._committed = committed
        self._cache = AggregateCache()

    async def run(self, command: Command) -> tuple[Answer, bool]:
        """Repeat until it is settled; the answer, and whether it was given before."""
        lost = 0
        for attempt in range(_ATTEMPTS):
            if attempt:
                await asyncio.sleep(random.random() * min(0.1, 0.002 * 2**attempt))
            try:
                return await self._once(command)
            except (
                ConcurrencyError,
                asyncpg.SerializationError,
                asyncpg.DeadlockDetectedError,
            ):
                continue
            except Exception as error:
                lost += 1
                if not is_lost(error) or lost >= _ATTEMPTS_WHEN_LOST:
                    raise
        raise ConcurrencyError

    async def _once(self, command: Command) -> tuple[Answer, bool]:
        unit: Unit | None = None
        try:
            async with command.pool.acquire() as connection:
                unit = Unit(connection, command.context, self._loader, self._cache)
                attempt = await self._attempt(command, unit)
            # With the connection given back: when a server falls, every one of the pool asks.
            if attempt.in_doubt is not None:
                await self._settle(command, attempt)
        except BaseException:
            if unit is not None:
                unit.abandon()
            raise
        self._committed(unit.keep())
        return attempt.answer, attempt.repeated

    async def _attempt(self, command: Command, unit: Unit) -> _Attempt:
        transaction = unit.connection.transaction()
        try:
            await transaction.start()
            await act_as(unit.connection, self._signer, command.actor)
            stored = await self._read_answer(unit.connection, command)
            if stored is not None:
                await transaction.rollback()
                return _Attempt(stored, repeated=True)
            answer, written = await self._performer.perform(unit, command.work, command.idempotency)
        except BaseException as error:
            await _roll_back(unit.connection, transaction, error)
            raise
        try:
            await commit(transaction)
        except InDoubt as doubt:
            unit.connection.terminate()
            return _Attempt(answer, written, doubt)
        return _Attempt(answer, written)

    async def _settle(self, command: Command, attempt: _Attempt) -> None:
        if attempt.written is None:  # rows only: nothing by which to recognise them
            raise OutcomeUnknown from attempt.in_doubt
        if not await happened(command.pool, self._signer, command.actor, attempt.written):
            raise ConcurrencyError from attempt.in_doubt

    async def answer_of_a_twin(self, command: Command, error: Exception) -> Answer | None:
        """Asked after any failure, with a fresh view: a twin may have done the work meanwhile."""
        if command.idempotency is None or isinstance(error, KeyReused) or is_lost(error):
            return None
        async with acting(command.pool, self._signer, command.actor) as connection:
            return await self._read_answer(connection, command)

    async def _read_answer(self, connection: Connection, command: Command) -> Answer | None:
        if command.idempotency is None:
            return None
        return await self._answers.read(connection, command.actor, command.idempotency)


async def _roll_back(
    connection: Connection, transaction: Transaction, error: BaseException
) -> None:
    """A connection that is broken or cannot roll back is cut: the server then does it alone."""
    if not is_lost(error):
        try:
            await transaction.rollback()
            return
        except Exception as another:
            error.add_note(f"and the rollback failed: {another!r}")
    connection.terminate()
