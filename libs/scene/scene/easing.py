"""CSS easing functions: a share of time in, a share of progress out."""

import math
import re
from collections.abc import Callable
from functools import lru_cache

Easing = Callable[[float], float]

_CURVES: dict[str, tuple[float, float, float, float]] = {
    "ease": (0.25, 0.1, 0.25, 1.0),
    "ease-in": (0.42, 0.0, 1.0, 1.0),
    "ease-out": (0.0, 0.0, 0.58, 1.0),
    "ease-in-out": (0.42, 0.0, 0.58, 1.0),
    "easeInSine": (0.12, 0, 0.39, 0),
    "easeOutSine": (0.61, 1, 0.88, 1),
    "easeInOutSine": (0.37, 0, 0.63, 1),
    "easeInQuad": (0.11, 0, 0.5, 0),
    "easeOutQuad": (0.5, 1, 0.89, 1),
    "easeInOutQuad": (0.45, 0, 0.55, 1),
    "easeInCubic": (0.32, 0, 0.67, 0),
    "easeOutCubic": (0.33, 1, 0.68, 1),
    "easeInOutCubic": (0.65, 0, 0.35, 1),
    "easeInQuart": (0.5, 0, 0.75, 0),
    "easeOutQuart": (0.25, 1, 0.5, 1),
    "easeInOutQuart": (0.76, 0, 0.24, 1),
    "easeInExpo": (0.7, 0, 0.84, 0),
    "easeOutExpo": (0.16, 1, 0.3, 1),
    "easeInOutExpo": (0.87, 0, 0.13, 1),
    "easeInBack": (0.36, 0, 0.66, -0.56),
    "easeOutBack": (0.34, 1.56, 0.64, 1),
    "easeInOutBack": (0.68, -0.6, 0.32, 1.6),
}
_ALIASES = {
    "easeIn": "ease-in",
    "easeOut": "ease-out",
    "easeInOut": "ease-in-out",
    "hold": "step-end",
}
_BEZIER = re.compile(r"cubic-bezier\(([^()]*)\)")
_STEPS = re.compile(r"steps\(\s*(\d+)\s*(?:,\s*([a-z-]+)\s*)?\)")


class NotAnEasing(ValueError):
    """The text names no easing."""


@lru_cache(maxsize=512)
def easing(name: str) -> Easing:
    """`linear`, `ease…`, `easeOutCubic`…, `steps(n, pos)`, `cubic-bezier(…)`, `hold`.

    Raises `NotAnEasing`. The function clamps its input to 0–1; its output may overshoot.
    """
    text = _ALIASES.get(name.strip(), name.strip())
    if text == "linear":
        return _clamped(lambda share: share)
    if text == "step-start":
        return _steps(1, "start")
    if text == "step-end":
        return _steps(1, "end")
    if text in _CURVES:
        return cubic_bezier(*_CURVES[text])
    if found := _BEZIER.fullmatch(text):
        return cubic_bezier(*_coordinates(text, found.group(1)))
    if found := _STEPS.fullmatch(text):
        return _steps(int(found.group(1)), found.group(2) or "end")
    raise NotAnEasing(f"{name!r} is not an easing")


def _coordinates(text: str, inside: str) -> tuple[float, float, float, float]:
    try:
        x1, y1, x2, y2 = (float(part) for part in inside.split(","))
    except ValueError as error:
        raise NotAnEasing(f"{text!r} needs four numbers") from error
    if not (0 <= x1 <= 1 and 0 <= x2 <= 1 and math.isfinite(y1) and math.isfinite(y2)):
        raise NotAnEasing(f"{text!r}: the first and third number lie between 0 and 1")
    return x1, y1, x2, y2


def _clamped(function: Easing) -> Easing:
    return lambda share: function(min(1.0, max(0.0, share)))


def _steps(count: int, position: str) -> Easing:
    if count < 1 or position not in ("start", "end", "jump-start", "jump-end"):
        raise NotAnEasing(f"steps({count}, {position}) is not an easing")
    early = 1 if position in ("start", "jump-start") else 0
    return _clamped(lambda share: min(1.0, (math.floor(share * count + 1e-9) + early) / count))


def cubic_bezier(x1: float, y1: float, x2: float, y2: float) -> Easing:
    """The curve through (0,0) and (1,1) with these two control points."""

    def at(first: float, second: float, t: float) -> float:
        rest = 1 - t
        return 3 * rest * rest * t * first + 3 * rest * t * t * second + t * t * t

    def solve(share: float) -> float:
        if share in (0.0, 1.0):
            return share
        low, high = 0.0, 1.0
        for _ in range(40):
            middle = (low + high) / 2
            if at(x1, x2, middle) < share:
                low = middle
            else:
                high = middle
        return at(y1, y2, (low + high) / 2)

    return _clamped(solve)
