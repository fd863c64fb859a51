"""Starts a service: settings, pools, access context, migrations, telemetry, problem+json."""

from pathlib import Path

MIGRATIONS = Path(__file__).parent / "migrations"
"""As in `runtime.migrate`; said here so that a jailed child that wants `runtime.jail` alone does
not load a database driver."""

__all__ = ["MIGRATIONS"]
