"""Append, load, snapshot, relay, sequence gate. Knows PostgreSQL and Kafka, no service."""
