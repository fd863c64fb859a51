"""Verify a token, name the actor, sign a URL, seal personal content under forgettable keys."""
