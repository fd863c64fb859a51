"""What Better Auth's clients read and send: its members, its names, its dates."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr

from identity.adapters.rows import AccountRow, SessionRow, UserRow
from runtime.http import Answer


class UserAnswer(Answer):
    id: str
    name: str
    email: str
    email_verified: bool
    image: str | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: UserRow) -> "UserAnswer":
        return cls(**vars(row))


class SessionAnswer(Answer):
    """`token` is a handle for revoking, not the token itself: that is the cookie's alone."""

    id: str
    token: str
    user_id: str
    expires_at: datetime
    created_at: datetime
    updated_at: datetime
    ip_address: str | None
    user_agent: str | None

    @classmethod
    def of(cls, row: SessionRow) -> "SessionAnswer":
        return cls(**vars(row))


class AccountAnswer(Answer):
    id: str
    provider_id: str
    account_id: str
    user_id: str
    scopes: list[str]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: AccountRow) -> "AccountAnswer":
        members = {name: value for name, value in vars(row).items() if name != "scope"}
        scopes = [scope.strip() for scope in (row.scope or "").split(",") if scope.strip()]
        return cls(**members, scopes=scopes)


class SessionAndUser(Answer):
    session: SessionAnswer
    user: UserAnswer


class TokenAndUser(Answer):
    token: str | None
    user: UserAnswer


class SignedInAnswer(TokenAndUser):
    redirect: bool
    url: str | None = None


class Success(Answer):
    success: bool = True


class Deleted(Success):
    message: str = "User deleted"


class Status(Answer):
    status: bool = True


class _Body(BaseModel):
    # Unknown members are dropped, as Better Auth does.
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class SignUpBody(_Body):
    name: StrictStr
    email: StrictStr
    password: Annotated[StrictStr, Field(min_length=1)]
    image: StrictStr | None = None
    rememberMe: StrictBool = True  # noqa: N815 - the wire's name
    callbackURL: StrictStr | None = None  # noqa: N815 - the wire's name


class SignInBody(_Body):
    email: StrictStr
    password: StrictStr
    rememberMe: StrictBool = True  # noqa: N815 - the wire's name
    callbackURL: StrictStr | None = None  # noqa: N815 - the wire's name


class RevokeBody(_Body):
    token: StrictStr


class UpdateUserBody(_Body):
    name: StrictStr | None = None
    image: StrictStr | None = None
    email: StrictStr | None = None


class ChangePasswordBody(_Body):
    currentPassword: StrictStr  # noqa: N815 - the wire's name
    newPassword: StrictStr  # noqa: N815 - the wire's name
    revokeOtherSessions: StrictBool = False  # noqa: N815 - the wire's name


class DeleteUserBody(_Body):
    password: StrictStr | None = None
    token: StrictStr | None = None
    callbackURL: StrictStr | None = None  # noqa: N815 - the wire's name


class EmptyBody(_Body):
    pass
