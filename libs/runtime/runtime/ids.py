"""Identifiers: time-ordered ones for new things, derived ones for what must come out the same."""

import secrets
import time
from uuid import UUID, uuid5

NAMESPACE = UUID("6f0c2f1e-3a53-5d0a-9a8e-4d554c544943")


def uuid7() -> UUID:
    """A new UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, then 74 random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def event_id(aggregate_id: UUID | str, version: int) -> UUID:
    """The id of an aggregate's event: the same at every republishing."""
    return uuid5(NAMESPACE, f"{aggregate_id}:{version}")


def slug_id(kind: str, slug: str) -> UUID:
    """The id of a shipped thing (`format`, `category`, `template`), equal in every installation."""
    return uuid5(NAMESPACE, f"{kind}:{slug}")
