"""Makes the topics that are missing, and never changes one that is there."""

import logging
from collections.abc import Iterable

from contracts.topics import TOPICS, Topic
from eventlog.kafka import Admin, KafkaError, NewTopic, administrating

_log = logging.getLogger(__name__)

_TOPIC_ALREADY_EXISTS = 36
_MILLISECONDS_PER_HOUR = 3_600_000


class WrongPartitionCount(RuntimeError):
    """A topic has another number of partitions than agreed: keys would change their partition."""


async def ensure_topics(
    bootstrap: str, topics: Iterable[Topic] = TOPICS, *, replication: int = -1
) -> list[str]:
    """Create the topics that the broker does not have; returns their names.

    `replication` -1 takes the broker's default. Raises WrongPartitionCount for a topic that exists
    with another partition count (it is never changed), KafkaError when the broker refuses.
    """
    wanted = {topic.name: topic for topic in topics}
    async with administrating(bootstrap) as admin:
        found = await _partition_counts(admin, sorted(wanted))
        _check_counts(wanted, found)
        missing = [topic for name, topic in wanted.items() if name not in found]
        if not missing:
            return []
        return await _create(admin, missing, replication)


async def _partition_counts(admin: Admin, names: list[str]) -> dict[str, int]:
    return {
        topic["topic"]: len(topic["partitions"])
        for topic in await admin.describe_topics(names)
        if topic["error_code"] == 0
    }


def _check_counts(wanted: dict[str, Topic], found: dict[str, int]) -> None:
    for name, count in found.items():
        if count != wanted[name].partitions:
            raise WrongPartitionCount(
                f"{name} has {count} partitions, agreed are {wanted[name].partitions}"
            )


async def _create(admin: Admin, topics: list[Topic], replication: int) -> list[str]:
    answer = await admin.create_topics([_new_topic(topic, replication) for topic in topics])
    created: list[str] = []
    for name, code, *detail in answer.topic_errors:
        if code == 0:
            created.append(name)
        elif code != _TOPIC_ALREADY_EXISTS:
            raise KafkaError(f"could not create {name}: {detail or code}")
    _log.info("created topics %s", ", ".join(created))
    return created


def _new_topic(topic: Topic, replication: int) -> NewTopic:
    hours = topic.retention_hours
    retention = -1 if hours is None else hours * _MILLISECONDS_PER_HOUR
    return NewTopic(
        name=topic.name,
        num_partitions=topic.partitions,
        replication_factor=replication,
        # aiokafka takes -1, the broker's default, only beside an explicit assignment.
        replica_assignments={} if replication == -1 else None,
        topic_configs={
            "cleanup.policy": "delete",  # compaction would lose events
            "retention.ms": str(retention),
            "retention.bytes": "-1",
        },
    )
