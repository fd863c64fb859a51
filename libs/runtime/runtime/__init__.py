"""Starts a service: settings, pools, access context, migrations, telemetry, problem+json."""

from runtime.migrate import MIGRATIONS

__all__ = ["MIGRATIONS"]
