"""Doors to the outside: password hashing, rows of sessions and accounts, counters, origins."""
