"""Turns a frozen canvas document into a real file."""
