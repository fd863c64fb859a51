"""The event log of the board domain on a real database, with real keys in another one."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import eventlog
from auth import KEYS_MIGRATIONS
from auth.keys import Keys, MasterKeys
from auth.sealing import KeyedSealer
from eventlog.answers import Answer
from eventlog.log import EventLog
from eventlog.unit import Unit
from runtime import migrate as runtime_migrations
from runtime.context import Context
from runtime.ids import uuid7
from tests.support.board import PUBLISHED, Board
from tests.support.parts import Database, DatabaseFactory

FOLDERS = [("runtime", runtime_migrations.MIGRATIONS), ("eventlog", eventlog.MIGRATIONS)]
KEY_FOLDERS = [("runtime", runtime_migrations.MIGRATIONS), ("keys", KEYS_MIGRATIONS)]


@dataclass(frozen=True)
class Boards:
    """A log, the databases under it, and the everyday commands in one word each."""

    log: EventLog
    database: Database
    keys: Keys
    sealer: KeyedSealer

    def another(self, projections: Sequence[Any] = ()) -> EventLog:
        """A second process on the same database: nothing cached."""
        return make_log(self.database, self.sealer, projections)

    async def begin(self, actor: str = "ann", title: str | None = "Plan") -> UUID:
        board_id = uuid7()

        async def work(unit: Unit) -> Answer:
            unit.record(Board(id=board_id, title=title))
            return Answer(201)

        await self.log.run(Context.for_actor(actor), work)
        return board_id

    async def put(
        self, board_id: UUID, card_id: str, text: str | None = None, actor: str = "ann"
    ) -> Answer:
        return await put(self.log, board_id, card_id, text, actor)


async def put(
    log: EventLog, board_id: UUID, card_id: str, text: str | None = None, actor: str = "ann"
) -> Answer:
    async def work(unit: Unit) -> Answer:
        board = await unit.load(Board, board_id)
        board.put(card_id, text)
        unit.record(board)
        return Answer(200, body={"cards": len(board.cards)}, etag=f'"{board.version}"')

    return await log.run(Context.for_actor(actor), work)


def make_log(database: Database, sealer: KeyedSealer, projections: Sequence[Any] = ()) -> EventLog:
    return EventLog(
        service="boards",
        pools=database.pools,
        signer=database.signer,
        keys=sealer,
        published=PUBLISHED,
        projections=projections,
    )


async def make_boards(
    database: DatabaseFactory, projections: Sequence[Any] = (), pool_size: int = 20
) -> Boards:
    store = await database("boards", FOLDERS, pool_size=pool_size)
    vault = await database("keys", KEY_FOLDERS, pool_size=4)
    master = MasterKeys.parse("1:" + base64.b64encode(secrets.token_bytes(32)).decode())
    keys = Keys(vault.pools.worker, master, cache_seconds=0.05)
    sealer = KeyedSealer(keys)
    return Boards(make_log(store, sealer, projections), store, keys, sealer)
