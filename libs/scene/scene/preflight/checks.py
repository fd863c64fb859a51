"""All checks of one canvas in the order people read them: what blocks first."""

from collections.abc import Mapping

from scene.document import Document
from scene.preflight.delivery import delivery_findings
from scene.preflight.design import design_findings
from scene.preflight.features import feature_findings
from scene.preflight.findings import Finding, Format
from scene.preflight.sources import source_findings

_ORDER = {"error": 0, "warning": 1, "info": 2}


def check(
    document: Document,
    format: Format,  # noqa: A002 - the word of the domain
    *,
    file_type: str | None = None,
    waiting: Mapping[str, float] | None = None,
    known: frozenset[str] | None = None,
) -> list[Finding]:
    """Findings of a canvas against its format; pure and deterministic.

    `file_type` is the export's (mp4, png, ...); without one the format's usual type is taken.
    `waiting`: seconds since a media id was first asked for; media unknown for 30 s are errors.
    `known`: media ids that exist; None means those in `document.assets`.
    """
    found = [
        *delivery_findings(document, format, file_type),
        *feature_findings(document, format),
        *source_findings(document, waiting or {}, known),
        *design_findings(document, format),
    ]
    return sorted(found, key=lambda finding: _ORDER[finding.severity])
