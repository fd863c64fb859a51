"""Projections of the shared event log for analysts."""
