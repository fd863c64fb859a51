"""What the platform itself refuses: sound, stickers, filters, transitions."""

from collections.abc import Callable, Iterable

from scene.document import Document
from scene.elements import Element
from scene.preflight.findings import Finding, Format, Severity

Test = Callable[[Element], bool]


def feature_findings(document: Document, asked: Format) -> list[Finding]:
    can = asked.supported_features
    silent = not can.supports_audio and not asked.is_static
    rules: tuple[tuple[bool, str, Severity, str, Test], ...] = (
        (not can.supports_text, "text_unsupported", "error", "text", _is_text),
        (not can.supports_stickers, "stickers_unsupported", "error", "stickers", _is_sticker),
        (not can.supports_filters, "filters_unsupported", "error", "filters", _is_filtered),
        (
            not can.supports_transitions and not asked.is_static,
            "transitions_unsupported",
            "warning",
            "transitions",
            _is_transition,
        ),
        (silent, "audio_unsupported", "warning", "sound", lambda e: _is_heard(document, e)),
    )
    found = [
        _refused(document, asked, element, rule, severity, what)
        for refused, rule, severity, what, test in rules
        if refused
        for element in _present(document)
        if test(element)
    ]
    if asked.is_static or not can.supports_video:
        found += [_still(document, asked, e) for e in _present(document) if e.type == "video"]
    return found


def _present(document: Document) -> Iterable[Element]:
    return (element for element in document.elements if not element.is_hidden)


def _refused(
    document: Document, asked: Format, element: Element, rule: str, severity: Severity, what: str
) -> Finding:
    return Finding(
        canvas_id=document.canvas.id,
        element_id=element.id,
        rule=rule,
        severity=severity,
        message=f"{asked.name} has no {what}; {element.name or element.type} would be lost.",
        measured=element.type,
    )


def _still(document: Document, asked: Format, element: Element) -> Finding:
    """A static format shows the clip's poster frame: worth knowing, nothing to repair."""
    return Finding(
        canvas_id=document.canvas.id,
        element_id=element.id,
        rule="video_as_still",
        severity="info",
        message=f"{asked.name} is a still: {element.name or 'the clip'} shows one frame.",
        measured="video",
    )


def _is_text(element: Element) -> bool:
    return element.properties.text is not None


def _is_sticker(element: Element) -> bool:
    return element.type == "sticker"


def _is_filtered(element: Element) -> bool:
    return element.properties.media is not None and bool(element.properties.media.filters)


def _is_transition(element: Element) -> bool:
    return element.type == "transition"


def _is_heard(document: Document, element: Element) -> bool:
    media = element.properties.media
    if media is None or media.muted or media.volume == 0:
        return False
    asset = document.assets.get(media.src.removeprefix("media:"))
    return element.type == "audio" or (
        element.type == "video" and asset is not None and asset.has_audio
    )
