"""Formats, templates, projects, canvases and elements that stay in sync."""
