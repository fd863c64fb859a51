"""One command inside its transaction: work, append, rights, read models."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from eventlog.answers import Answer, IdempotencyKey, StoredAnswers, with_wrote, write_wrote
from eventlog.append import AnswerRow, append, write_grants
from eventlog.committing import Written
from eventlog.domain import at
from eventlog.history import Recorded
from eventlog.mapper import Mapper
from eventlog.read_models import BatchReadModel, ReadModel, apply_to
from eventlog.unit import Unit

Work: TypeAlias = Callable[[Unit], Awaitable[Answer]]


class Performer:
    """Knows what a service publishes, seals and keeps in tables of its own."""

    def __init__(
        self,
        service: str,
        mapper: Mapper,
        answers: StoredAnswers,
        projections: Sequence[ReadModel | BatchReadModel],
    ) -> None:
        self._service = service
        self._mapper = mapper
        self._answers = answers
        self._projections = tuple(projections)

    async def perform(
        self, unit: Unit, work: Work, idempotency: IdempotencyKey | None
    ) -> tuple[Answer, Written | None]:
        """Let `work` decide, then write everything with one append call and follow it up.

        The second result recognises the transaction afterwards; None when nothing was appended.
        """
        with at(unit.context.now):
            answer = await work(unit)
        unit.check_all_recorded()
        answer = with_wrote(answer, unit.wrote(self._service))
        facts = list(zip(unit.pending, unit.metadata(), strict=True))
        written: Written | None = None
        if facts or idempotency is not None:
            stored = [
                await self._mapper.to_stored(one.event, data, one.scope) for one, data in facts
            ]
            kept = await self._answer_row(unit, answer, idempotency)
            xid = await append(unit.connection, stored, kept)
            place = (stored[0].originator_id, stored[0].originator_version) if stored else None
            written = Written(xid, unit.context.command_id, place)
        await write_grants(unit.connection, unit.grants)
        if facts:
            events = [Recorded(one.event, data) for one, data in facts]
            await apply_to(self._projections, unit.connection, events)
        return answer, written

    async def _answer_row(
        self, unit: Unit, answer: Answer, idempotency: IdempotencyKey | None
    ) -> AnswerRow | None:
        if idempotency is None or not 200 <= answer.status < 300:
            return None
        actor = unit.context.actor
        body = await self._answers.encrypt(actor, idempotency, answer, unit.scope)
        return AnswerRow(
            idempotency.key,
            idempotency.request_hash,
            answer.status,
            answer.etag,
            write_wrote(answer.wrote),
            body,
        )
