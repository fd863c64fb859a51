"""Every message on the bus: pydantic models, topics, JSON Schemas. No logic."""

from contracts import topics
from contracts.catalogue import MESSAGES
from contracts.envelope import Envelope, MessageData
from contracts.reading import (
    InvalidData,
    Message,
    UnreadableEnvelope,
    Unseal,
    read,
    read_data,
    read_envelope,
)

__all__ = [
    "MESSAGES",
    "Envelope",
    "InvalidData",
    "Message",
    "MessageData",
    "UnreadableEnvelope",
    "Unseal",
    "read",
    "read_data",
    "read_envelope",
    "topics",
]
