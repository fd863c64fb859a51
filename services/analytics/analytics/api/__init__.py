"""The HTTP face of analytics."""
