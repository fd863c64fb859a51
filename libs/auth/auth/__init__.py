"""Verify a token, name the actor, sign a URL, seal personal content under forgettable keys."""

from auth.keys import KEYS_MIGRATIONS
from auth.project_access import PROJECT_ACCESS_MIGRATIONS

__all__ = ["KEYS_MIGRATIONS", "PROJECT_ACCESS_MIGRATIONS"]
