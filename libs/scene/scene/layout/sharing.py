"""Sharing a length out between blocks and the gaps between them."""

from collections.abc import Sequence

from scene.layout.nodes import Node, Terms

GAP_SHRINKS_TO = 0.6


def fits(node: Node, s: float, t: Terms, w: float, h: float) -> bool:
    return node.least_width(s, t) <= w * 1.001 and node.least_height(s, t, w) <= h * 1.001


def share_out(
    start: float,
    room: float,
    sizes: Sequence[tuple[float, float, float]],
    gaps: Sequence[float],
    outer: tuple[float, float] | None,
) -> tuple[list[float], list[float]]:
    """Positions and lengths along an axis: growth takes up to 70 % of the slack, gaps the rest.

    Gaps grow with their size to the power 1.6: what stood close stays close.
    """
    lengths = [wish for _, wish, _ in sizes]
    gaps = list(gaps)
    before, after = outer or (0.0, 0.0)
    slack = room - sum(lengths) - sum(gaps)
    if slack < 0:
        lengths, gaps = _squeeze(-slack, sizes, gaps)
        before, after, slack = 0.0, 0.0, room - sum(lengths) - sum(gaps)
        return _run(start + max(slack, 0.0) / 2, lengths, gaps)
    growth = [most - wish for _, wish, most in sizes]
    taken = min(0.7 * slack, sum(growth))
    if taken > 0:
        lengths = [a + taken * g / sum(growth) for a, g in zip(lengths, growth, strict=True)]
    rest = slack - taken
    weights = [max(gap, 0.0) ** 1.6 for gap in gaps]
    ends = [max(before, 0.0) ** 1.6, max(after, 0.0) ** 1.6]
    total = sum(weights) + sum(ends)
    if total <= 0:
        return _run(start + rest / 2, lengths, gaps)
    gaps = [gap + rest * weight / total for gap, weight in zip(gaps, weights, strict=True)]
    return _run(start + rest * ends[0] / total, lengths, gaps)


def _squeeze(
    lack: float, sizes: Sequence[tuple[float, float, float]], gaps: Sequence[float]
) -> tuple[list[float], list[float]]:
    soft = sum(max(gap, 0.0) for gap in gaps) * (1 - GAP_SHRINKS_TO)
    part = min(1.0, lack / soft) if soft > 0 else 0.0
    gaps = [gap - max(gap, 0.0) * (1 - GAP_SHRINKS_TO) * part for gap in gaps]
    lack -= soft * part
    spare = [max(wish - least, 0.0) for least, wish, _ in sizes]
    part = min(1.0, lack / sum(spare)) if sum(spare) > 0 else 0.0
    return [wish - extra * part for (_, wish, _), extra in zip(sizes, spare, strict=True)], gaps


def _run(
    start: float, lengths: Sequence[float], gaps: Sequence[float]
) -> tuple[list[float], list[float]]:
    starts: list[float] = []
    at = start
    for index, length in enumerate(lengths):
        starts.append(at)
        at += length + (gaps[index] if index < len(gaps) else 0.0)
    return starts, list(lengths)
