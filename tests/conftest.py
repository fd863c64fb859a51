"""Fixtures that every test may ask for."""

pytest_plugins = ["tests.support.parts", "tests.support.site", "tests.support.services"]
