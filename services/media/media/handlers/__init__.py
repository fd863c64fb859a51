"""One function per command of media."""
