"""Topic names and their settings: the one place where they are spelled."""

from dataclasses import dataclass

PROJECTS = "projects.events.v1"
IDENTITY = "identity.events.v1"
AI = "ai.events.v1"
MEDIA = "media.events.v1"
RENDER = "render.events.v1"
ANALYTICS = "analytics.events.v1"
RENDER_PROGRESS = "render.progress.v1"
REPAIR = "log.repair.v1"
INCARNATION = "log.incarnation"

EVENT_TOPICS = (PROJECTS, IDENTITY, AI, MEDIA, RENDER, ANALYTICS)


@dataclass(frozen=True)
class Topic:
    """Settings of one topic. `retention_hours` None keeps every message for good."""

    name: str
    partitions: int
    retention_hours: int | None


def dead_letters_of(topic: str) -> str:
    return f"{topic}.dlq"


TOPICS: tuple[Topic, ...] = (
    *(Topic(name, 6, None) for name in EVENT_TOPICS),
    *(Topic(dead_letters_of(name), 1, 24 * 30) for name in EVENT_TOPICS),
    Topic(RENDER_PROGRESS, 3, 1),
    Topic(REPAIR, 1, 24 * 7),
    Topic(INCARNATION, 1, None),
)
