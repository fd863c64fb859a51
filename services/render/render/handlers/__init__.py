"""One function per command of render."""
