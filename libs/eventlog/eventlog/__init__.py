"""Append, load, snapshot, relay, sequence gate. Knows PostgreSQL and Kafka, knows no service."""

from pathlib import Path

from eventlog.answers import Answer, IdempotencyKey
from eventlog.consumer import Consumer
from eventlog.consuming import Projection, Reaction
from eventlog.errors import (
    AccessDenied,
    AggregateNotFound,
    ConcurrencyError,
    KeyReused,
    StaleVersion,
)
from eventlog.history import Recorded
from eventlog.log import EventLog
from eventlog.published import Published
from eventlog.relay import Relay
from eventlog.sealing import Sealer
from eventlog.unit import Unit

MIGRATIONS = Path(__file__).parent / "migrations"
"""Numbered SQL of the schema `eventlog`, to run after runtime's."""

__all__ = [
    "MIGRATIONS",
    "AccessDenied",
    "AggregateNotFound",
    "Answer",
    "ConcurrencyError",
    "Consumer",
    "EventLog",
    "IdempotencyKey",
    "KeyReused",
    "Projection",
    "Published",
    "Reaction",
    "Recorded",
    "Relay",
    "Sealer",
    "StaleVersion",
    "Unit",
]
