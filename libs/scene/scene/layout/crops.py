"""Which part of a picture to show in a box of another shape."""

import math
from collections.abc import Mapping
from typing import Any

from scene.layout.types import Crop, Rect


def crop_for(media: Mapping[str, Any], source: Rect, target: Rect) -> Crop | None:
    """The new crop keeps zoom and subject; None where nothing is known or nothing is cropped.

    `source` and `target` are the element's boxes. Without natural sizes the renderer's
    centred cover is all anybody can do.
    """
    if media.get("fit", "cover") != "cover" or target.area <= 0 or source.area <= 0:
        return None
    nw, nh = float(media.get("naturalWidth") or 0), float(media.get("naturalHeight") or 0)
    if nw <= 0 or nh <= 0:
        return None
    shown = shown_part(media, source, nw, nh)
    focus = focus_part(media, shown, nw, nh)
    aspect = target.w / target.h
    w = math.sqrt(shown.area * aspect)
    w = max(w, min(focus.w, nw), min(focus.h, nh) * aspect)
    w = min(w, nw, nh * aspect)
    h = w / aspect
    x = _held(focus.x, focus.w, (focus.cx - shown.x) / shown.w, w, nw)
    y = _held(focus.y, focus.h, (focus.cy - shown.y) / shown.h, h, nh)
    return Crop(x / nw, y / nh, w / nw, h / nh)


def shown_part(media: Mapping[str, Any], box: Rect, nw: float, nh: float) -> Rect:
    """The part of the picture a box shows now, in natural pixels."""
    crop: Mapping[str, Any] | None = media.get("cropData")
    if crop:
        x, y = float(crop.get("x") or 0.0), float(crop.get("y") or 0.0)
        w, h = float(crop.get("width") or 1.0), float(crop.get("height") or 1.0)
        return Rect(x * nw, y * nh, w * nw, h * nh)
    aspect = box.w / box.h
    w = min(nw, nh * aspect)
    return Rect((nw - w) / 2, (nh - w / aspect) / 2, w, w / aspect)


def focus_part(media: Mapping[str, Any], shown: Rect, nw: float, nh: float) -> Rect:
    """The subject's box in natural pixels; unknown subjects stand a little above the middle."""
    focus: Mapping[str, Any] | None = media.get("focus")
    if focus:
        x, y = float(focus.get("x") or 0.0), float(focus.get("y") or 0.0)
        w, h = float(focus.get("width") or 1.0), float(focus.get("height") or 1.0)
        return Rect(x * nw, y * nh, w * nw, h * nh)
    return Rect(shown.x + 0.3 * shown.w, shown.y + 0.15 * shown.h, 0.4 * shown.w, 0.6 * shown.h)


def _held(start: float, length: float, part: float, size: float, limit: float) -> float:
    """Start of a window of `size` that keeps the subject where it stood, and whole if possible."""
    at = start + length / 2 - part * size
    if length <= size:
        at = max(start + length - size, min(at, start))
    else:
        at = start + (length - size) / 2
    return max(0.0, min(at, limit - size))
