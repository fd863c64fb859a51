"""What stands between a canvas and a post its format accepts, found before anything is rendered."""

from scene.preflight.checks import check
from scene.preflight.findings import Finding, Fix, Format

__all__ = ["Finding", "Fix", "Format", "check"]
