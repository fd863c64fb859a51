"""One edited box on another canvas, axis by axis: held, snapped, or in proportion."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scene.layout.types import Frame, Rect

STILL, ALIGNED = 0.003, 0.005


@dataclass(frozen=True)
class Pair:
    """Where the edited element's box and its sibling's stood when they were last laid out together.

    New places are derived from it, never from the last place: there and back ends where it began.
    """

    source: Rect
    own: Rect
    source_font: float | None = None
    own_font: float | None = None


@dataclass(frozen=True)
class Span:
    """One axis of a box."""

    start: float
    size: float

    @property
    def end(self) -> float:
        return self.start + self.size

    def at(self, feature: float) -> float:
        """0 is the start, 0.5 the middle, 1 the end."""
        return self.start + self.size * feature


@dataclass(frozen=True)
class Scene:
    """Both canvases around the edit: frames, and the boxes that exist on both, by one name."""

    source: Frame
    target: Frame
    here: Mapping[str, Rect]
    there: Mapping[str, Rect]


def span(rect: Rect, axis: int) -> Span:
    return Span(rect.y, rect.h) if axis else Span(rect.x, rect.w)


def carried_box(pair: Pair, now: Rect, scene: Scene, *, snap: bool, part: float = 1.0) -> Rect:
    """The sibling's box after the edit that brought the source box from `pair.source` to `now`.

    `part` < 1 takes only some of the change, for tries that would otherwise collide.
    """
    x, w = _axis(pair, now, scene, 0, snap, part)
    y, h = _axis(pair, now, scene, 1, snap, part)
    return Rect(x, y, w, h)


def _axis(
    pair: Pair, box: Rect, scene: Scene, axis: int, snap: bool, part: float
) -> tuple[float, float]:
    then, now, own = span(pair.source, axis), span(box, axis), span(pair.own, axis)
    side = scene.source.height if axis else scene.source.width
    gm = (scene.target.area / scene.source.area) ** 0.5
    k = own.size / then.size if then.size > 0 else gm
    k = min(max(k, 0.5 * gm), 2 * gm)
    size = own.size * (1 + (now.size / then.size - 1) * part) if then.size > 0 else own.size
    if abs(now.start - then.start) < STILL * side:
        return own.start, size
    if abs(now.end - then.end) < STILL * side:
        return own.end - size, size
    feature = 0.0 if abs(now.size - then.size) < STILL * side else 0.5
    delta = (now.at(feature) - then.at(feature)) * k * part
    start = own.at(feature) + delta - size * feature
    if snap:
        limit = scene.target.height if axis else scene.target.width
        for line in _lines(now, size, scene, axis, ALIGNED * side):
            if _sane(line - own.start, start - own.start, limit):
                return line, size
    return start, size


def _lines(now: Span, size: float, scene: Scene, axis: int, near: float) -> Iterator[float]:
    """Starts on the target that keep an alignment seen on the source: middle, safe area, others."""
    frames = [
        (span(scene.source.rect, axis), span(scene.target.rect, axis), (0.5,)),
        (span(scene.source.safe, axis), span(scene.target.safe, axis), (0.0, 0.5, 1.0)),
        (span(scene.source.rect, axis), span(scene.target.rect, axis), (0.0, 1.0)),
    ]
    for here, there, features in frames:
        for feature in features:
            if abs(now.at(feature) - here.at(feature)) <= near:
                yield there.at(feature) - size * feature
    for name in _by_nearness(now, scene.here, axis):
        here, there = span(scene.here[name], axis), span(scene.there[name], axis)
        for feature in (0.0, 0.5, 1.0):
            if abs(now.at(feature) - here.at(feature)) <= near:
                yield there.at(feature) - size * feature


def _by_nearness(now: Span, boxes: Mapping[str, Rect], axis: int) -> Iterable[str]:
    return sorted(
        boxes, key=lambda name: (abs(span(boxes[name], axis).at(0.5) - now.at(0.5)), name)
    )


def _sane(move: float, scaled: float, side: float) -> bool:
    """An alignment is kept only where it means about the same move."""
    if abs(move) < 0.01 * side:
        return True
    return move * scaled >= 0 and abs(move) < max(3 * abs(scaled), 0.08 * side)
