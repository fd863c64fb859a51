"""Rows of users, sessions and accounts as the handlers and the wire need them: visible SQL."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from runtime.database import Connection, Record


@dataclass(frozen=True)
class UserRow:
    id: str
    name: str
    email: str
    email_verified: bool
    image: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class SessionRow:
    """`token` is the handle: what is stored instead of the token."""

    id: str
    expires_at: datetime
    token: str
    user_id: str
    ip_address: str | None
    user_agent: str | None
    created_at: datetime
    updated_at: datetime

    def moved(self, expires_at: datetime, now: datetime) -> "SessionRow":
        return replace(self, expires_at=expires_at, updated_at=now)


@dataclass(frozen=True)
class AccountRow:
    id: str
    account_id: str
    provider_id: str
    user_id: str
    scope: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Credential:
    """A user with the hash of their password, None when they sign in otherwise."""

    user: UserRow
    password: str | None


_USER = "u.id, u.name, u.email, u.email_verified, u.image, u.created_at, u.updated_at"
_USER_BESIDE = ", ".join(f"{column} as u_{column[2:]}" for column in _USER.split(", "))
_SESSION = (
    "s.id, s.expires_at, s.token, s.user_id, s.ip_address, s.user_agent, s.created_at, s.updated_at"
)

# Put together from the column lists above, never from anything that came in: hence the noqa.
_USER_BY_ID = f"select {_USER} from users u where u.id = $1"  # noqa: S608
_SESSION_BY_HANDLE = f"""
select {_SESSION}, {_USER_BESIDE}
  from sessions s join users u on u.id = s.user_id where s.token = $1"""  # noqa: S608
_LIVE_SESSIONS = f"""
select {_SESSION} from sessions s
 where s.user_id = $1 and s.expires_at > $2 order by s.created_at, s.id"""  # noqa: S608
_CREDENTIAL = f"""
select {_USER}, a.password from users u
  left join accounts a on a.user_id = u.id and a.provider_id = 'credential' and a.account_id = u.id
 where """  # noqa: S608
_CREDENTIAL_BY_EMAIL = _CREDENTIAL + "u.email = $1"
_CREDENTIAL_BY_ID = _CREDENTIAL + "u.id = $1"


async def user_by_id(connection: Connection, user_id: str) -> UserRow | None:
    row = await connection.fetchrow(_USER_BY_ID, user_id)
    return UserRow(**dict(row)) if row else None


async def credential_by_email(connection: Connection, email: str) -> Credential | None:
    return _credential(await connection.fetchrow(_CREDENTIAL_BY_EMAIL, email))


async def credential_by_id(connection: Connection, user_id: str) -> Credential | None:
    return _credential(await connection.fetchrow(_CREDENTIAL_BY_ID, user_id))


async def session_by_handle(
    connection: Connection, handle: str
) -> tuple[SessionRow, UserRow] | None:
    row = await connection.fetchrow(_SESSION_BY_HANDLE, handle)
    if row is None:
        return None
    members = dict(row)
    user = {name[2:]: members.pop(name) for name in list(members) if name.startswith("u_")}
    return SessionRow(**members), UserRow(**user)


async def live_sessions(connection: Connection, user_id: str, now: datetime) -> list[SessionRow]:
    rows = await connection.fetch(_LIVE_SESSIONS, user_id, now)
    return [SessionRow(**dict(row)) for row in rows]


async def accounts_of(connection: Connection, user_id: str) -> list[AccountRow]:
    rows = await connection.fetch(
        """select id, account_id, provider_id, user_id, scope, created_at, updated_at
             from accounts where user_id = $1 order by created_at, id""",
        user_id,
    )
    return [AccountRow(**dict(row)) for row in rows]


async def insert_session(connection: Connection, session: SessionRow) -> None:
    await connection.execute(
        """insert into sessions (id, expires_at, token, user_id, ip_address, user_agent,
                                 created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8)""",
        *(getattr(session, name) for name in SessionRow.__dataclass_fields__),
    )


async def insert_credential(
    connection: Connection, account_id: str, user_id: str, password: str, now: datetime
) -> None:
    await connection.execute(
        """insert into accounts (id, account_id, provider_id, user_id, password,
                                 created_at, updated_at)
           values ($1, $2, 'credential', $2, $3, $4, $4)""",
        account_id,
        user_id,
        password,
        now,
    )


async def set_password(connection: Connection, user_id: str, password: str, now: datetime) -> None:
    await connection.execute(
        """update accounts set password = $2, updated_at = $3
            where user_id = $1 and provider_id = 'credential'""",
        user_id,
        password,
        now,
    )


async def extend_session(
    connection: Connection, session_id: str, expires_at: datetime, now: datetime
) -> bool:
    """Whether the session was still there."""
    done = await connection.fetchval(
        "update sessions set expires_at = $2, updated_at = $3 where id = $1 returning id",
        session_id,
        expires_at,
        now,
    )
    return done is not None


async def delete_sessions(
    connection: Connection, user_id: str, session_ids: Sequence[str] | None, keep: str | None
) -> list[str]:
    """The ids of the rows that went; `session_ids` None means every one but `keep`."""
    rows = await connection.fetch(
        """delete from sessions
            where user_id = $1 and ($2::text[] is null or id = any($2)) and id is distinct from $3
           returning id""",
        user_id,
        None if session_ids is None else list(session_ids),
        keep,
    )
    return sorted(row["id"] for row in rows)


async def delete_expired(connection: Connection, now: datetime, most: int) -> list[str]:
    """The ids of up to `most` sessions that ran out and are gone now."""
    rows = await connection.fetch(
        """delete from sessions where id in (
             select id from sessions where expires_at <= $1 order by expires_at
              limit $2 for update skip locked) returning id""",
        now,
        most,
    )
    return sorted(row["id"] for row in rows)


def _credential(row: Record | None) -> Credential | None:
    if row is None:
        return None
    members = dict(row)
    password = members.pop("password")
    return Credential(UserRow(**members), password)
