"""What a person can ask of identity: frozen intents, already checked for shape."""

from pydantic import BaseModel, ConfigDict, SecretStr

from identity.domain.session import EndReason


class _Command(BaseModel):
    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)


class Visitor(_Command):
    """Where a session starts from. `ip_address` is truncated, `user_agent` shortened."""

    ip_address: str | None = None
    user_agent: str | None = None


class SignUp(_Command):
    """Become a user with an e-mail address (lower case) and a password."""

    name: str
    email: str
    password: SecretStr
    image: str | None = None
    remember: bool = True
    visitor: Visitor = Visitor()


class SignIn(_Command):
    """Start a session with an e-mail address (lower case) and a password."""

    email: str
    password: SecretStr
    remember: bool = True
    visitor: Visitor = Visitor()


class EndSessions(_Command):
    """End some of a user's sessions. `session_ids` None means every one but `keep`."""

    user_id: str
    reason: EndReason
    session_ids: tuple[str, ...] | None = None
    keep: str | None = None


class EditUser(_Command):
    """Change the members named in `members`; `image` None among them clears the picture."""

    user_id: str
    members: frozenset[str]
    name: str | None = None
    image: str | None = None


class ChangePassword(_Command):
    """Replace a password, and with `end_sessions` every session by a new one."""

    user_id: str
    current: SecretStr
    new: SecretStr
    end_sessions: bool = False
    visitor: Visitor = Visitor()


class DeleteUser(_Command):
    """Forget a person. With a password, it must be the right one."""

    user_id: str
    password: SecretStr | None = None
