"""A way to sign in that belongs to a user: the credential, later a provider."""

from typing import ClassVar
from uuid import UUID

from eventlog.domain import Aggregate, KeyScope, event

CREDENTIAL = "credential"


class Account(Aggregate):
    TOPIC: ClassVar[str] = "identity.account"

    class Created(Aggregate.Created):
        TOPIC: ClassVar[str] = "identity.account_linked"
        user_id: str
        provider_id: str

    @classmethod
    def link(cls, account_id: UUID, *, user_id: str, provider_id: str) -> "Account":
        return cls(id=account_id, user_id=user_id, provider_id=provider_id)

    @event(Created)
    def __init__(
        self,
        id: UUID,  # noqa: A002 - the name by which the library hands over the aggregate's id
        user_id: str,
        provider_id: str,
    ) -> None:
        self.user_id = user_id
        self.provider_id = provider_id

    @property
    def key_scope(self) -> KeyScope:
        return KeyScope("user", self.user_id, user_id=self.user_id)
