"""The servers Multicanvas needs, run as child processes where none are given."""

from multicanvas.parts.child import PartFailed
from multicanvas.parts.embedded import (
    EmbeddedParts,
    Endpoints,
    HomeBusy,
    Passwords,
    default_home,
    holding,
)
from multicanvas.parts.part import Check, Part
from multicanvas.parts.seaweed import S3Endpoint, S3Identity

__all__ = [
    "Check",
    "EmbeddedParts",
    "Endpoints",
    "HomeBusy",
    "Part",
    "PartFailed",
    "Passwords",
    "S3Endpoint",
    "S3Identity",
    "default_home",
    "holding",
]
