"""Sessions: finding, keeping, ending them."""

from collections.abc import Iterable
from uuid import UUID

from eventlog.answers import Answer
from eventlog.unit import Unit
from identity.adapters import rows
from identity.adapters.rows import SessionRow, UserRow
from identity.adapters.tokens import handle_of
from identity.commands import EndSessions
from identity.domain import Session
from identity.domain.session import EndReason
from identity.handlers.desk import ITSELF, REFRESHED_AFTER, REMEMBERED, UNREMEMBERED, Desk
from runtime import clock
from runtime.context import Context

_SWEPT_AT_ONCE = 100


async def session_of(desk: Desk, token: str) -> tuple[SessionRow, UserRow] | None:
    """The live session of a token and its user, None when it has ended or run out."""
    async with desk.reading() as connection:
        found = await rows.session_by_handle(connection, handle_of(token))
    if found is None or found[0].expires_at <= clock.now():
        return None
    return found


async def refresh(desk: Desk, session: SessionRow) -> SessionRow | None:
    """The session moved to a full life when a day of it is used; None when nothing was due."""
    now = clock.now()
    if session.expires_at - session.updated_at <= UNREMEMBERED:
        return None  # a day was all that was promised, whatever the cookies say now
    if session.expires_at - REMEMBERED + REFRESHED_AFTER > now:
        return None
    moved = session.moved(now + REMEMBERED, now)
    async with desk.reading(session.user_id) as connection:
        kept = await rows.extend_session(connection, session.id, moved.expires_at, now)
    return moved if kept else None


async def end_sessions(desk: Desk, command: EndSessions) -> list[str]:
    """End a user's sessions; the ids of those that ended. Unknown and foreign ones are left."""
    ended: list[str] = []

    async def end(unit: Unit) -> Answer:
        ended[:] = await end_in(
            unit, command.user_id, command.reason, command.session_ids, command.keep
        )
        return Answer(200)

    await desk.log.run(Context.for_actor(command.user_id), end)
    return ended


async def end_in(
    unit: Unit,
    user_id: str,
    reason: EndReason,
    session_ids: Iterable[str] | None = None,
    keep: str | None = None,
) -> list[str]:
    """The same within a running command."""
    chosen = None if session_ids is None else list(session_ids)
    gone = await rows.delete_sessions(unit.connection, user_id, chosen, keep)
    await _record_ends(unit, gone, reason)
    return gone


async def end_expired(desk: Desk) -> int:
    """Remove up to a hundred sessions that ran out and say so; how many there were."""
    counted = 0

    async def sweep(unit: Unit) -> Answer:
        nonlocal counted
        gone = await rows.delete_expired(unit.connection, unit.context.now, _SWEPT_AT_ONCE)
        await _record_ends(unit, gone, "expired")
        counted = len(gone)
        return Answer(200)

    await desk.log.run_as_service(Context.for_actor(ITSELF), sweep)
    return counted


async def _record_ends(unit: Unit, session_ids: Iterable[str], reason: EndReason) -> None:
    for session_id in session_ids:
        session = await unit.load(Session, UUID(session_id))
        session.end(reason)
        unit.record(session)
