"""What identity hears: its own word that a person is gone, so that no key outlives them."""

from auth.keys import Keys
from contracts import Envelope, MessageData, topics
from contracts.identity import UserDeleted
from runtime.database import Connection


class Erasure:
    """Forgets the keys of deleted users, also when the process ended right after the command."""

    name = "erasure"
    topics = frozenset({topics.IDENTITY})
    types = frozenset({UserDeleted.TYPE})

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    async def handle(self, connection: Connection, envelope: Envelope, data: MessageData) -> None:
        await self._keys.forget(user_id=envelope.subject)
