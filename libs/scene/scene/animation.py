"""Where an animated element stands at a moment: offsets from its resting place.

Every animation has a value before its window (its start) and after it (its end), so states join
without a jump. Slides come from, or leave to, the side `direction` names.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from scene.easing import easing
from scene.elements import Animation, Element


@dataclass(frozen=True)
class Box:
    """Top-left corner and size before rotation, canvas pixels."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Motion:
    """Opacity and scale are factors, `dx`, `dy` canvas pixels, `rotation` degrees clockwise."""

    opacity: float = 1.0
    dx: float = 0.0
    dy: float = 0.0
    scale: float = 1.0
    rotation: float = 0.0


REST = Motion()
Change = Callable[[Motion, Animation, float, Box, tuple[float, float]], Motion]


def motion_at(element: Element, time: float, box: Box, canvas: tuple[float, float]) -> Motion:
    """The state at `time` (timeline seconds); `canvas` is its (width, height)."""
    motion = REST
    for animation in element.properties.animations:
        share = (time - element.start_time - animation.start_time) / animation.duration
        progress = easing(animation.easing)(min(1.0, max(0.0, share)))
        motion = _CHANGES[animation.type](motion, animation, progress, box, canvas)
    return replace(motion, opacity=min(1.0, max(0.0, motion.opacity)), scale=max(0.0, motion.scale))


def animated_windows(element: Element) -> tuple[tuple[float, float], ...]:
    """Spans of timeline seconds in which the element's state may change, in order, joined."""
    spans = sorted(
        (element.start_time + a.start_time, element.start_time + a.start_time + a.duration)
        for a in element.properties.animations
    )
    joined: list[tuple[float, float]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)


def _blend(animation: Animation, progress: float, start: float, end: float) -> float:
    given = animation.properties
    first = start if given.from_ is None else given.from_
    last = end if given.to is None else given.to
    return first + (last - first) * progress


def _fade(start: float, end: float) -> Change:
    def change(
        motion: Motion, animation: Animation, progress: float, box: Box, canvas: tuple[float, float]
    ) -> Motion:
        share = _blend(animation, progress, start, end)
        return replace(motion, opacity=motion.opacity * min(1.0, max(0.0, share)))

    return change


def _away(animation: Animation, box: Box, canvas: tuple[float, float]) -> tuple[float, float]:
    """How far the side `direction` names is: to `distance`, or until the box has left."""
    given = animation.properties.distance
    match animation.properties.direction:
        case "left":
            return -(box.x + box.width if given is None else given), 0.0
        case "right":
            return canvas[0] - box.x if given is None else given, 0.0
        case "up":
            return 0.0, -(box.y + box.height if given is None else given)
        case "down":
            return 0.0, canvas[1] - box.y if given is None else given


def _slide_in(
    motion: Motion, animation: Animation, progress: float, box: Box, canvas: tuple[float, float]
) -> Motion:
    dx, dy = _away(animation, box, canvas)
    left = 1.0 - progress
    return replace(motion, dx=motion.dx + dx * left, dy=motion.dy + dy * left)


def _slide_out(
    motion: Motion, animation: Animation, progress: float, box: Box, canvas: tuple[float, float]
) -> Motion:
    dx, dy = _away(animation, box, canvas)
    return replace(motion, dx=motion.dx + dx * progress, dy=motion.dy + dy * progress)


def _scale(
    motion: Motion, animation: Animation, progress: float, box: Box, canvas: tuple[float, float]
) -> Motion:
    return replace(motion, scale=motion.scale * _blend(animation, progress, 0.0, 1.0))


def _rotate(
    motion: Motion, animation: Animation, progress: float, box: Box, canvas: tuple[float, float]
) -> Motion:
    return replace(motion, rotation=motion.rotation + _blend(animation, progress, 0.0, 360.0))


def _bounce(
    motion: Motion, animation: Animation, progress: float, box: Box, canvas: tuple[float, float]
) -> Motion:
    """Parabolas of falling height, upwards (or to the left); at rest before and after."""
    given = animation.properties
    at = min(1.0, max(0.0, progress)) * given.count
    index = min(given.count - 1, math.floor(at))
    share = at - index
    lift = -given.height * (given.count - index) / given.count * 4 * share * (1 - share)
    if given.axis == "x":
        return replace(motion, dx=motion.dx + lift)
    return replace(motion, dy=motion.dy + lift)


_CHANGES: dict[str, Change] = {
    "fadeIn": _fade(0.0, 1.0),
    "fadeOut": _fade(1.0, 0.0),
    "slideIn": _slide_in,
    "slideOut": _slide_out,
    "scale": _scale,
    "rotate": _rotate,
    "bounce": _bounce,
}
