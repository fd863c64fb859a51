"""Motion as ffmpeg expressions: straight pieces between the fewest frames that keep the path."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

Knot = tuple[int, float]


def knots(values: Sequence[float], first: int, tolerance: float) -> list[Knot]:
    """(frame, value) pairs: straight lines between them stay within `tolerance` of all values."""
    if not values:
        return []
    kept = {0, len(values) - 1}
    _keep(values, 0, len(values) - 1, tolerance, kept)
    return [(first + at, values[at]) for at in sorted(kept)]


def _keep(values: Sequence[float], low: int, high: int, tolerance: float, kept: set[int]) -> None:
    """Ramer-Douglas-Peucker on a function of the frame number."""
    pending = [(low, high)]
    while pending:
        start, end = pending.pop()
        if end - start < 2:
            continue
        slope = (values[end] - values[start]) / (end - start)
        worst = max(
            range(start + 1, end),
            key=lambda at: abs(values[at] - values[start] - slope * (at - start)),
        )
        if abs(values[worst] - values[start] - slope * (worst - start)) > tolerance:
            kept.add(worst)
            pending += [(start, worst), (worst, end)]


def expression(path: Sequence[Knot], rate: Fraction) -> str:
    """An expression of `t` (seconds of the output), constant before and after the knots.

    A flat sum: ffmpeg's parser limits nesting, not length.
    """
    if len({value for _, value in path}) <= 1:
        return _number(path[0][1]) if path else "0"
    half = float(1 / (2 * rate))

    def moment(frame: int) -> float:
        return float(frame / rate)

    (start, before), (end, after) = path[0], path[-1]
    parts = [f"lt(t,{_number(moment(start) - half)})*{_number(before)}"]
    for (left, a), (right, b) in pairwise(path):
        low, high = moment(left) - half, moment(right) - half
        slope = (b - a) / (moment(right) - moment(left))
        line = f"({_number(a)}+{_number(slope)}*(t-{_number(moment(left))}))"
        parts.append(f"gte(t,{_number(low)})*lt(t,{_number(high)})*{line}")
    parts.append(f"gte(t,{_number(moment(end) - half)})*{_number(after)}")
    return "+".join(parts)


def _number(value: float) -> str:
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return f"({text})" if text.startswith("-") else text
