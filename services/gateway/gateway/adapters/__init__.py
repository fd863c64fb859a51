"""Doors to the outside: services behind, sessions, what people wrote, live subscribers."""
