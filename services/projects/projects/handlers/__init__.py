"""One function per command: load, ask, record."""
