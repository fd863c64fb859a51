"""Signing up and signing in."""

from uuid import UUID

import asyncpg

from eventlog.answers import Answer
from eventlog.unit import Unit
from identity.adapters import rows
from identity.adapters.rows import UserRow
from identity.commands import SignIn, SignUp
from identity.domain import Account, User
from identity.domain.account import CREDENTIAL
from identity.domain.refusals import refusal
from identity.handlers.desk import Desk, NewSession, SignedIn
from runtime import clock
from runtime.context import Context
from runtime.ids import uuid7


async def sign_up(desk: Desk, command: SignUp) -> SignedIn:
    """A new user with a credential and a first session, in one append.

    Refuses with `user_already_exists_use_another_email` and what `User.sign_up` refuses.
    """
    async with desk.reading() as connection:
        if await rows.credential_by_email(connection, command.email):
            raise refusal("user_already_exists_use_another_email")
    hashed = await desk.passwords.hash(command.password.get_secret_value())
    now = clock.now()
    user_id = uuid7()
    session = NewSession.of(str(user_id), command.visitor, command.remember, now)
    context = Context.for_actor(str(user_id), now=now)
    try:
        await desk.log.run(context, _SigningUp(command, user_id, hashed, session))
    except asyncpg.UniqueViolationError as error:
        # Two sign-ups with one address at once: the unique column lets one through.
        raise refusal("user_already_exists_use_another_email") from error
    user = UserRow(str(user_id), command.name, command.email, False, command.image, now, now)
    return SignedIn(user, session.row, session.token, command.remember, user_version=1)


class _SigningUp:
    def __init__(self, command: SignUp, user_id: UUID, hashed: str, session: NewSession) -> None:
        self._command = command
        self._user_id = user_id
        self._hashed = hashed
        self._session = session

    async def __call__(self, unit: Unit) -> Answer:
        now = unit.context.now
        user = User.sign_up(
            self._user_id,
            name=self._command.name,
            email=self._command.email,
            image=self._command.image,
        )
        account_id = uuid7()
        account = Account.link(account_id, user_id=str(user.id), provider_id=CREDENTIAL)
        unit.record(user, account)
        await rows.insert_credential(
            unit.connection, str(account_id), str(user.id), self._hashed, now
        )
        await self._session.begin(unit)
        return Answer(200)


async def sign_in(desk: Desk, command: SignIn) -> SignedIn:
    """A session for whoever knows the password. Refuses with `invalid_email_or_password`.

    Unknown addresses cost a hash as well, so both refusals take equally long.
    """
    async with desk.reading() as connection:
        found = await rows.credential_by_email(connection, command.email)
    hashed = found.password if found else None
    if not await desk.passwords.matches(hashed, command.password.get_secret_value()) or not found:
        raise refusal("invalid_email_or_password")
    now = clock.now()
    session = NewSession.of(found.user.id, command.visitor, command.remember, now)
    versions: list[int] = []

    async def start(unit: Unit) -> Answer:
        user = await unit.load(User, UUID(found.user.id))
        versions[:] = [user.version]
        await session.begin(unit)
        return Answer(200)

    await desk.log.run(Context.for_actor(found.user.id, now=now), start)
    return SignedIn(found.user, session.row, session.token, command.remember, versions[0])
