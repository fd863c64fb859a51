"""Where a group of consumers goes on, kept beside what it wrote and bound to one broker's log."""

from collections.abc import Mapping

from eventlog.kafka import TopicPartition
from runtime.database import Connection

UNMARKED = ""
"""The marker of a topic before its relay wrote one."""


async def save(
    connection: Connection,
    group: str,
    markers: Mapping[str, str],
    positions: Mapping[TopicPartition, int],
) -> None:
    """Store the next offset of each partition under its topic's marker.

    A smaller offset than the stored one is kept as it is given: reading again is harmless,
    reading too late is not.
    """
    places = sorted(positions)
    await connection.execute(
        _SAVE,
        group,
        [markers.get(place.topic, UNMARKED) for place in places],
        [place.topic for place in places],
        [place.partition for place in places],
        [positions[place] for place in places],
    )


async def load(
    connection: Connection, group: str, markers: Mapping[str, str]
) -> dict[TopicPartition, int]:
    """Next offsets by partition, for those topics whose marker is the stored one."""
    rows = await connection.fetch(
        "SELECT topic, partition, next_offset, marker FROM eventlog.consumer_offset "
        "WHERE consumer = $1",
        group,
    )
    return {
        TopicPartition(row[0], row[1]): row[2]
        for row in rows
        if markers.get(row[0], UNMARKED) == row[3]
    }


async def has_any(connection: Connection, group: str, topic: str) -> bool:
    """Whether this group ever read from the topic, on whatever broker."""
    return bool(
        await connection.fetchval(
            "SELECT true FROM eventlog.consumer_offset WHERE consumer = $1 AND topic = $2 LIMIT 1",
            group,
            topic,
        )
    )


_SAVE = """
INSERT INTO eventlog.consumer_offset (consumer, marker, topic, partition, next_offset)
SELECT $1, new.marker, new.topic, new.partition, new.next_offset
  FROM unnest($2::text[], $3::text[], $4::int[], $5::bigint[])
    AS new (marker, topic, partition, next_offset)
ON CONFLICT (consumer, marker, topic, partition)
DO UPDATE SET next_offset = excluded.next_offset"""
