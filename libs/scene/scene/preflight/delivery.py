"""Length, number of layers, file type and file size."""

from scene.display import drawn_elements
from scene.document import Document
from scene.elements import Element
from scene.preflight.findings import Finding, Format

VIDEO_TYPES = frozenset({"mp4", "mov", "webm", "m4v"})
STILL_TYPES = frozenset({"png", "jpg", "jpeg", "webp"})
EXPORTED = frozenset({"mp4", "mov", "webm", "gif", "png", "jpg"})
# Rough bytes a pixel takes, photographs and plain colour: an estimate, not a promise.
_BYTES = {"png": (1.35, 0.12), "jpg": (0.32, 0.10), "jpeg": (0.32, 0.10), "webp": (0.18, 0.05)}
_KBPS_PER_PIXEL = 8000 / (1080 * 1920)


def delivery_findings(document: Document, asked: Format, file_type: str | None) -> list[Finding]:
    seen = drawn_elements(document)
    kind = file_type or usual_type(document, asked)
    # A file that the format does not take is one whatever is on the canvas.
    found = _file_type(document, asked, kind)
    if not seen:
        return [*found, _empty(document, asked)]
    return [
        *_duration(document, asked),
        *_layers(document, asked, len(seen)),
        *found,
        *_file_size(document, asked, kind, seen),
    ]


def _empty(document: Document, asked: Format) -> Finding:
    return Finding(
        canvas_id=document.canvas.id,
        rule="empty_canvas",
        severity="warning",
        message=f"{asked.name} is empty. Add a layer or drop a picture here.",
        measured=0,
        limit=1,
    )


def usual_type(document: Document, asked: Format) -> str:
    """What an export without a wish becomes: video where the format plays it, else a still."""
    moving = not asked.is_static and asked.supported_features.supports_video
    wanted = VIDEO_TYPES if moving else STILL_TYPES
    for kind in asked.recommended_formats:
        if kind in wanted and kind in EXPORTED:
            return kind
    return "mp4" if moving else "png"


def _duration(document: Document, asked: Format) -> list[Finding]:
    if asked.max_duration is None:
        return []
    length, shortest = document.duration, float(asked.limits.get("minDuration") or 0)
    if length > asked.max_duration + 0.0005:
        over = length - asked.max_duration
        return [
            Finding(
                canvas_id=document.canvas.id,
                rule="duration_max",
                severity="error",
                message=f"{asked.name} ends at {asked.max_duration:g} s; this runs {length:g} s. "
                f"Cut {over:g} s.",
                measured=length,
                limit=asked.max_duration,
                waivable=False,
            )
        ]
    if length < shortest:
        return [
            Finding(
                canvas_id=document.canvas.id,
                rule="duration_min",
                severity="warning",
                message=f"{asked.name} starts at {shortest:g} s; this runs {length:g} s.",
                measured=length,
                limit=shortest,
            )
        ]
    return []


def _layers(document: Document, asked: Format, count: int) -> list[Finding]:
    most = asked.supported_features.max_layers
    if count <= most:
        return []
    return [
        Finding(
            canvas_id=document.canvas.id,
            rule="layers_max",
            severity="error",
            message=f"{asked.name} takes {most} layers; this has {count}. Hide or delete "
            f"{count - most}.",
            measured=count,
            limit=most,
        )
    ]


def _file_type(document: Document, asked: Format, kind: str) -> list[Finding]:
    canvas = document.canvas.id
    if kind in VIDEO_TYPES and not asked.supported_features.supports_video:
        return [
            Finding(
                canvas_id=canvas,
                rule="video_unsupported",
                severity="error",
                message=f"{asked.name} takes no video. Export {usual_type(document, asked)}.",
                measured=kind,
                limit=", ".join(asked.recommended_formats),
                waivable=False,
            )
        ]
    if asked.recommended_formats and kind not in asked.recommended_formats:
        wanted = ", ".join(asked.recommended_formats)
        return [
            Finding(
                canvas_id=canvas,
                rule="file_type",
                severity="warning",
                message=f"{asked.name} asks for {wanted}; this exports {kind}.",
                measured=kind,
                limit=wanted,
            )
        ]
    return []


def _file_size(document: Document, asked: Format, kind: str, seen: list[Element]) -> list[Finding]:
    still = kind not in VIDEO_TYPES
    image_limit = asked.limits.get("imageMaxBytes")
    limit = image_limit if still and image_limit else asked.max_file_size
    if not limit:
        return []
    size = estimated_bytes(document, asked, kind, seen)
    if size <= limit:
        return []
    # The estimate is only that: a video three times over will not fit, a little over may.
    certain = size > 3 * limit
    return [
        Finding(
            canvas_id=document.canvas.id,
            rule="file_size",
            severity="error" if certain else "warning",
            message=f"{kind.upper()} will be about {_megabytes(size)}, limit {_megabytes(limit)}.",
            measured=size,
            limit=int(limit),
        )
    ]


def estimated_bytes(document: Document, asked: Format, kind: str, seen: list[Element]) -> int:
    pixels = document.canvas.width * document.canvas.height
    if kind in VIDEO_TYPES:
        encoding = asked.encoding or {}
        video = float(encoding.get("videoKbpsRecommended") or pixels * _KBPS_PER_PIXEL)
        audio = float(encoding.get("audioKbps") or 128)
        return round((video + audio) * 1000 / 8 * document.duration)
    photo, plain = _BYTES.get(kind, (1.0, 0.3))
    covered = sum(
        (e.width or document.canvas.width) * (e.height or document.canvas.height)
        for e in seen
        if e.properties.media is not None
    )
    share = min(1.0, covered / pixels)
    return round(pixels * (photo * share + plain * (1 - share)))


def _megabytes(size: float) -> str:
    return f"{size / 1e6:.1f} MB"
