"""Pictures, clips and sounds that are not there, or not there yet."""

from collections.abc import Iterator, Mapping

from scene.document import Document
from scene.elements import Element
from scene.packaged import packaged_picture
from scene.preflight.findings import Finding

PATIENCE = 30.0


def source_findings(
    document: Document, waiting: Mapping[str, float], known: frozenset[str] | None
) -> list[Finding]:
    found: list[Finding] = []
    for element, source in _sources(document):
        kind, _, name = source.partition(":")
        if kind == "pack":
            if packaged_picture(name) is None:
                found.append(_missing(document, element, source))
        elif name not in (document.assets if known is None else known):
            found.append(_pending(document, element, waiting.get(name, 0.0)))
    return found


def _sources(document: Document) -> Iterator[tuple[Element | None, str]]:
    if document.canvas.config.background_image:
        yield None, document.canvas.config.background_image
    for element in document.elements:
        if element.properties.media is not None and not element.is_hidden:
            yield element, element.properties.media.src


def _missing(document: Document, element: Element | None, source: str) -> Finding:
    return Finding(
        canvas_id=document.canvas.id,
        element_id=element.id if element else None,
        rule="media_missing",
        severity="error",
        message=f"{_name(element)} cannot be found. Choose another picture.",
        measured=source,
        waivable=False,
    )


def _pending(document: Document, element: Element | None, seconds: float) -> Finding:
    late = seconds >= PATIENCE
    return Finding(
        canvas_id=document.canvas.id,
        element_id=element.id if element else None,
        rule="media_pending",
        severity="error" if late else "warning",
        message=f"{_name(element)} "
        + ("did not arrive. Upload it again or choose another." if late else "is on its way."),
        measured=seconds,
        limit=PATIENCE,
        waivable=False,
    )


def _name(element: Element | None) -> str:
    return "The background picture" if element is None else element.name or element.type
