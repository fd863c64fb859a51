"""Changing and forgetting a person."""

from typing import Any
from uuid import UUID

from eventlog.answers import Answer, IdempotencyKey
from eventlog.domain import Refusal
from eventlog.unit import Unit
from identity.adapters import rows
from identity.commands import ChangePassword, DeleteUser, EditUser
from identity.domain import User
from identity.domain.refusals import refusal
from identity.domain.user import KEPT
from identity.handlers.desk import Desk, NewSession, SignedIn
from identity.handlers.sessions import end_in
from runtime import clock
from runtime.context import Context


async def edit_user(
    desk: Desk,
    command: EditUser,
    context: Context,
    idempotency: IdempotencyKey | None = None,
) -> Answer:
    """Change name or picture; answers the user. Refuses what `User.edit` refuses."""

    async def edit(unit: Unit) -> Answer:
        user = await unit.load(User, UUID(command.user_id))
        user.edit(
            name=_name(command) if "name" in command.members else KEPT,
            image=command.image if "image" in command.members else KEPT,
        )
        unit.record(user)
        return Answer(200, {"user": _shown(user)}, f'"{user.version}"')

    return await desk.log.run(context, edit, idempotency=idempotency)


def _shown(user: User) -> dict[str, Any]:
    return {
        "id": str(user.id),
        "name": user.name,
        "email": user.email,
        "emailVerified": user.email_verified,
        "image": user.image,
        "createdAt": clock.iso(user.created_on),
        "updatedAt": clock.iso(user.modified_on),
    }


def _name(command: EditUser) -> str:
    if command.name is None:
        raise Refusal("invalid_name", "A name cannot be cleared.", status=422)
    return command.name


async def change_password(desk: Desk, command: ChangePassword) -> SignedIn | None:
    """Set a new password; with `end_sessions` the new session that replaces all others.

    Refuses with `credential_account_not_found` or `invalid_password`.
    """
    await check_password(desk, command.user_id, command.current.get_secret_value())
    hashed = await desk.passwords.hash(command.new.get_secret_value())
    now = clock.now()
    session = (
        NewSession.of(command.user_id, command.visitor, True, now) if command.end_sessions else None
    )
    versions: list[int] = []

    async def change(unit: Unit) -> Answer:
        user = await unit.load(User, UUID(command.user_id))
        user.change_password()
        unit.record(user)
        await rows.set_password(unit.connection, command.user_id, hashed, now)
        if session:
            await end_in(unit, command.user_id, "password_changed")
            await session.begin(unit)
        versions[:] = [user.version]
        return Answer(200)

    await desk.log.run(Context.for_actor(command.user_id, now=now), change)
    if session is None:
        return None
    async with desk.reading(command.user_id) as connection:
        user = await rows.user_by_id(connection, command.user_id)
    if user is None:
        raise refusal("unauthorized")
    return SignedIn(user, session.row, session.token, True, versions[0])


async def check_password(desk: Desk, user_id: str, password: str) -> None:
    async with desk.reading(user_id) as connection:
        found = await rows.credential_by_id(connection, user_id)
    if found is None or found.password is None:
        raise refusal("credential_account_not_found")
    if not await desk.passwords.matches(found.password, password):
        raise refusal("invalid_password")


async def delete_user(
    desk: Desk,
    command: DeleteUser,
    context: Context,
    idempotency: IdempotencyKey | None = None,
) -> Answer:
    """Record that a person is gone: rows go with the fact, keys after it.

    Refuses with `invalid_password` when a password came and is wrong.
    """
    if command.password is not None:
        await check_password(desk, command.user_id, command.password.get_secret_value())

    async def delete(unit: Unit) -> Answer:
        user = await unit.load(User, UUID(command.user_id))
        user.delete()
        unit.record(user)
        return Answer(204)

    answer = await desk.log.run(context, delete, idempotency=idempotency)
    # Here for speed; the subscriber forgets them too, should this process end between the lines.
    await desk.keys.forget(user_id=command.user_id)
    return answer
