"""The gate: each projection sees each aggregate's messages once, in order, without a hole."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from runtime.database import Connection

Reason = Literal["gap", "poison"]
Pair = tuple[str, str]
"""(projection, subject)"""


class Verdict(Enum):
    """What to do with a message."""

    APPLY = "apply"
    DROP = "drop"  # seen before, or it is the dead letter that everything waits for
    PARK = "park"  # something before it is missing or poisonous


@dataclass
class Gate:
    """How far one projection is with one aggregate, and why it goes no further."""

    projection: str
    subject: str
    last: int
    reason: Reason | None = None
    changed: bool = False

    def move(self, sequence: int) -> None:
        self.last = sequence
        self.changed = True


def judge(gate: Gate, sequence: int) -> Verdict:
    """Strictly one after the other: what was seen is dropped, what comes too early waits."""
    if sequence <= gate.last:
        return Verdict.DROP
    if sequence > gate.last + 1:
        return Verdict.PARK
    return Verdict.DROP if gate.reason == "poison" else Verdict.APPLY


class Gates:
    """The gates of one transaction, locked until it ends."""

    def __init__(self, gates: Iterable[Gate]) -> None:
        self._gates = {(gate.projection, gate.subject): gate for gate in gates}

    @classmethod
    async def lock(cls, connection: Connection, pairs: Collection[Pair]) -> "Gates":
        """Lock these gates, in one order for all members, so that two never wait crosswise."""
        if not pairs:
            return cls(())
        ordered = sorted(pairs)
        arguments = [pair[0] for pair in ordered], [pair[1] for pair in ordered]
        await connection.execute(_ENTER, *arguments)
        rows = await connection.fetch(_LOCK, *arguments)
        # A statement of its own: only a snapshot taken after the lock shows what a twin blocked.
        blocked = await connection.fetch(_BLOCKED, *arguments)
        reasons: dict[Pair, Reason] = {(row[0], row[1]): row[2] for row in blocked}
        return cls(Gate(row[0], row[1], row[2], reasons.get((row[0], row[1]))) for row in rows)

    def __getitem__(self, pair: Pair) -> Gate:
        return self._gates[pair]

    async def save(self, connection: Connection) -> None:
        moved = [gate for gate in self._gates.values() if gate.changed]
        if moved:
            await connection.execute(
                _SAVE,
                [gate.projection for gate in moved],
                [gate.subject for gate in moved],
                [gate.last for gate in moved],
            )


_ENTER = """
INSERT INTO eventlog.consumer_gate (projection, subject, last_sequence)
SELECT projection, subject, 0
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS new (projection, subject, place)
 ORDER BY place
ON CONFLICT DO NOTHING"""

_LOCK = """
SELECT g.projection, g.subject, g.last_sequence
  FROM unnest($1::text[], $2::text[]) AS wanted (projection, subject)
  JOIN eventlog.consumer_gate g USING (projection, subject)
 ORDER BY g.projection, g.subject
   FOR UPDATE OF g"""

_BLOCKED = """
SELECT k.projection, k.subject, k.reason
  FROM unnest($1::text[], $2::text[]) AS wanted (projection, subject)
  JOIN eventlog.parked_key k USING (projection, subject)"""

_SAVE = """
UPDATE eventlog.consumer_gate g
   SET last_sequence = new.last, updated_at = clock_timestamp()
  FROM unnest($1::text[], $2::text[], $3::bigint[]) AS new (projection, subject, last)
 WHERE g.projection = new.projection AND g.subject = new.subject"""
