"""What every projection must keep, whatever it projects: `check_projection_laws`."""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from contracts import MESSAGES, Envelope
from eventlog.consuming import Projection
from eventlog.delivery import Delivery
from eventlog.incoming import Incoming
from runtime.database import Connection, Pool

Rows = dict[str, list[str]]
"""By table: each row as JSON text, sorted."""

_SHUFFLES = 5
_BATCH = 7


class LawBroken(AssertionError):
    """The message names the law and shows what differs."""


@dataclass(frozen=True)
class _Case:
    projection: Projection
    delivery: Delivery
    tables: Mapping[str, Collection[str]]

    async def rows_after(
        self, connection: Connection, batches: Sequence[Sequence[Incoming]], *, times: int = 1
    ) -> Rows:
        """What stands in the tables after these batches on empty ones; undone again."""
        undone = connection.transaction()
        await undone.start()
        try:
            for _ in range(times):
                await self._empty(connection)
                for batch in batches:
                    await self.delivery.deliver(connection, batch)
            return {table: await self._dump(connection, table) for table in self.tables}
        finally:
            await undone.rollback()

    async def _empty(self, connection: Connection) -> None:
        for table in ("parked_key", "consumer_gate"):
            await connection.execute(
                f"DELETE FROM eventlog.{table} WHERE projection = $1", self.projection.name
            )
        await self.projection.reset(connection)

    async def _dump(self, connection: Connection, table: str) -> list[str]:
        rows = await connection.fetch(f"SELECT to_jsonb(t) AS row FROM {table} t")
        unlike = set(self.tables[table])
        return sorted(
            orjson.dumps(
                {name: value for name, value in row["row"].items() if name not in unlike},
                option=orjson.OPT_SORT_KEYS,
            ).decode()
            for row in rows
        )


async def check_projection_laws(
    pool: Pool,
    projection: Projection,
    messages: Sequence[Envelope],
    tables: Mapping[str, Collection[str]] | Sequence[str],
) -> Rows:
    """Raises LawBroken; returns the rows, so that a test can also look at them.

    `messages` are whole histories, each aggregate's from sequence 1 on without a hole, in order;
    sealed members in clear. `tables` are the projection's, each with columns that may differ from
    run to run (times of writing, counters of the database). The laws: the same rows for one message
    at a time and for batches, for a rebuild on the leftovers, for every message twice, for every
    order of arrival. The pool must be the worker's; nothing stays in the database.
    """
    named = tables if isinstance(tables, Mapping) else dict.fromkeys(tables, ())
    delivery = Delivery("laws", [projection], [], _in_clear)
    case = _Case(projection, delivery, named)
    topic = min(projection.topics)
    read = [await _incoming(delivery, envelope, topic) for envelope in messages]
    async with pool.acquire() as connection:
        live = await case.rows_after(connection, [[one] for one in read])
        batches = [read[start : start + _BATCH] for start in range(0, len(read), _BATCH)]
        _same("in batches", live, await case.rows_after(connection, batches))
        _same("rebuilt", live, await case.rows_after(connection, [read], times=2))
        twice = [one for one in read for _ in range(2)]
        _same("every message twice", live, await case.rows_after(connection, [twice, read]))
        for seed in range(_SHUFFLES):
            shuffled = random.Random(seed).sample(read, len(read))
            name = f"out of order (seed {seed})"
            _same(name, live, await case.rows_after(connection, [shuffled]))
    return live


def _same(law: str, wanted: Rows, found: Rows) -> None:
    for table, rows in wanted.items():
        missing = [row for row in rows if row not in found[table]]
        extra = [row for row in found[table] if row not in rows]
        if missing or extra or len(rows) != len(found[table]):
            raise LawBroken(
                f"{law}: {table} has {len(found[table])} rows instead of {len(rows)}; "
                f"missing {missing[:3]}, not wanted {extra[:3]}"
            )


async def _incoming(delivery: Delivery, envelope: Envelope, topic: str) -> Incoming:
    incoming = await delivery.reader.read_bytes(
        topic=_topic_of(envelope, delivery, topic),
        partition=0,
        offset=0,
        key=envelope.subject.encode(),
        value=orjson.dumps(envelope.model_dump(mode="json", exclude_none=True)),
        headers={},
    )
    if incoming.fault:
        raise ValueError(f"no message: {incoming.fault}")
    return incoming


def _topic_of(envelope: Envelope, delivery: Delivery, default: str) -> str:
    topic: str = getattr(MESSAGES.get(envelope.type), "TOPIC", default)
    return topic if topic in delivery.topics else default


async def _in_clear(data: dict[str, Any], event_id: str) -> dict[str, Any]:
    return data
