"""Starts a service: settings, pools, access context, migrations, telemetry, problem+json."""
