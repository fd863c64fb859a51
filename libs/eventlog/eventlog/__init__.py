"""Append, load, snapshot, relay, sequence gate. Knows PostgreSQL and Kafka, knows no service."""

from pathlib import Path

MIGRATIONS = Path(__file__).parent / "migrations"
"""Numbered SQL of the schema `eventlog`, to run after runtime's."""
