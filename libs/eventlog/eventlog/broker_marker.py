"""How a broker shows that it lost what it had acknowledged.

aiokafka speaks metadata versions without topic ids, so a topic's marker is the first record of
`log.incarnation` with the topic's name as key: a broker that restarts empty has none, and gets a
new one from the first relay that looks.
"""

import logging
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from contracts.topics import INCARNATION
from eventlog.kafka import LogConsumer, Producer, TopicPartition, places_of, reading
from runtime.database import Connection

_log = logging.getLogger(__name__)

_READING_SECONDS = 10.0


class Loss(Enum):
    """What the broker lacks, worst last."""

    NOTHING = 0
    TAIL = 1
    EVERYTHING = 2


@dataclass(frozen=True)
class BrokerState:
    """What a broker shows: markers by topic, next offsets by partition."""

    markers: Mapping[str, str]
    ends: Mapping[TopicPartition, int]


async def read_markers(bootstrap: str, topics: Iterable[str]) -> dict[str, str]:
    """The marker of each topic; topics that nobody marked yet are left out."""
    wanted = set(topics)
    async with reading(bootstrap, topics=[INCARNATION]) as consumer:
        return await _first_records(consumer, wanted)


async def _first_records(consumer: LogConsumer, wanted: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    places = consumer.assignment()  # empty where the broker has no such topic
    if not places:
        return found
    ends = await consumer.end_offsets(places)
    await consumer.seek_to_beginning(*places)
    deadline = time.monotonic() + _READING_SECONDS
    while any([await consumer.position(place) < ends[place] for place in places]):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{INCARNATION} could not be read in {_READING_SECONDS:.0f} s")
        for records in (await consumer.getmany(timeout_ms=200)).values():
            for record in records:
                topic = (record.key or b"").decode(errors="replace")
                if topic in wanted and topic not in found:
                    found[topic] = (record.value or b"").decode(errors="replace")
    return found


async def observe(bootstrap: str, topics: Iterable[str], producer: Producer) -> BrokerState:
    """The broker as it is now; topics without a marker get one. Topics must exist."""
    names = sorted(set(topics))
    markers = await read_markers(bootstrap, names)
    missing = [name for name in names if name not in markers]
    for name in missing:
        value = str(uuid.uuid4()).encode()
        await (await producer.send(INCARNATION, value, name.encode(), headers=[]))
    if missing:  # another relay may have been first, and the first record counts
        markers = await read_markers(bootstrap, names)
    places = await places_of(bootstrap, names)
    async with reading(bootstrap) as consumer:
        return BrokerState(markers, await consumer.end_offsets(places))


async def compare(
    connection: Connection, state: BrokerState, acked: Mapping[TopicPartition, int]
) -> Loss:
    """What was lost since the last look, and remember the broker as it is now.

    `acked` must have been read before `state` was observed: another relay may have got further
    since. To be called in the transaction that also sets the cursors back, under `lock_watch`.
    """
    known = {
        row["topic"]: row["marker"]
        for row in await connection.fetch(
            "SELECT topic, marker FROM eventlog.relay_broker WHERE topic = ANY($1)",
            list(state.markers),
        )
    }
    loss = Loss.NOTHING
    for topic, marker in state.markers.items():
        ends = {place: end for place, end in state.ends.items() if place.topic == topic}
        one = _loss_of(known.get(topic), marker, ends, acked)
        if one is not Loss.NOTHING:
            if topic in known:
                _log.warning("the broker lost %s of %s", one.name.lower(), topic)
            await _remember(connection, topic, marker, ends, acked)
        loss = max(loss, one, key=lambda each: each.value)
    return loss


def _loss_of(
    known: str | None,
    marker: str,
    ends: Mapping[TopicPartition, int],
    acked: Mapping[TopicPartition, int],
) -> Loss:
    if known != marker:
        return Loss.EVERYTHING
    lost = [place for place, end in ends.items() if end <= acked.get(place, -1)]
    if lost and not any(ends.values()):
        return Loss.EVERYTHING  # the topic alone was deleted and made again
    return Loss.TAIL if lost else Loss.NOTHING


async def acked_offsets(connection: Connection, topics: Iterable[str]) -> dict[TopicPartition, int]:
    """The highest offset that a relay of this service saw acknowledged, by partition."""
    rows = await connection.fetch(
        "SELECT topic, partition, acked_offset FROM eventlog.relay_partition WHERE topic = ANY($1)",
        list(topics),
    )
    return {TopicPartition(row[0], row[1]): row[2] for row in rows}


async def _remember(
    connection: Connection,
    topic: str,
    marker: str,
    ends: Mapping[TopicPartition, int],
    acked: Mapping[TopicPartition, int],
) -> None:
    await connection.execute(
        "INSERT INTO eventlog.relay_broker (topic, marker) VALUES ($1, $2) "
        "ON CONFLICT (topic) DO UPDATE SET marker = excluded.marker, seen_at = clock_timestamp()",
        topic,
        marker,
    )
    for place, end in ends.items():
        if place in acked:
            await connection.execute(
                "UPDATE eventlog.relay_partition SET acked_offset = least(acked_offset, $3) "
                "WHERE topic = $1 AND partition = $2",
                place.topic,
                place.partition,
                end - 1,
            )
