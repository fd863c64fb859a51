"""Finding the largest scale at which an arrangement fits, and choosing the best arrangement."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from scene.layout.arrange import Arrangement, arrangements, has_picture, splits_text
from scene.layout.items import Item
from scene.layout.nodes import Node, Spots, Terms
from scene.layout.sharing import fits
from scene.layout.stacks import Stack, snapped, stack_of
from scene.layout.types import Frame, Rect

STEPS = 6


@dataclass(frozen=True)
class Solution:
    """A placed tree. `cost` compares solutions of one canvas; lower is better."""

    spots: Spots
    scale: float
    cost: float
    name: str


@dataclass(frozen=True)
class Task:
    """One tree, the frame it was drawn in and the room it must fit now."""

    root: Stack
    frame: Rect
    safe: Rect
    terms: Terms
    highest: float

    @property
    def ratio(self) -> float:
        return (self.safe.w / self.safe.h) / max(self.frame.w / max(self.frame.h, 1e-6), 1e-6)


def task_of(tree: Node, source: Frame, target: Frame) -> Task:
    root = tree if isinstance(tree, Stack) else stack_of(True, [tree])
    sx, sy = target.width / source.width, target.height / source.height
    gm = math.sqrt(sx * sy)
    floor = 0.02 * min(target.width, 1.6 * target.height)
    terms = Terms(gm, floor, min(target.width, target.height), target.height)
    frame = source.safe.union(root.box)
    return Task(root, frame, target.safe, terms, min(1.12 * gm, max(sx, sy)))


def best_of(task: Task, *, loose: bool, prefer: str | None = None) -> Solution:
    """The cheapest solution over all arrangements, then bolder line breaks for the best two."""
    extra = 0.12 if loose else 0.0
    found: list[tuple[Solution, Arrangement]] = []
    cheapest = math.inf
    for option in arrangements(task.root, task.ratio):
        # What it costs to be another arrangement at all is known before anything is solved.
        if (_change_cost(option, task) + extra) - 0.1 * (prefer == option.name) > cheapest:
            continue
        solution = solved(task, option, task.terms, extra)
        found.append((solution, option))
        cheapest = min(cheapest, _sticky(solution, prefer))
    found.sort(key=lambda pair: (_sticky(pair[0], prefer), pair[1].name))
    solutions = [solution for solution, _ in found]
    for plain, option in found[:2]:
        if plain.scale >= task.highest and not option.changed:
            continue  # nothing was held small: other line breaks cannot help
        for variant, terms in _bolder(task.terms):
            better = solved(task, option, terms, extra)
            solutions.append(replace(better, name=f"{better.name}+{variant}"))
    return min(solutions, key=lambda solution: (_sticky(solution, prefer), solution.name))


def _bolder(terms: Terms) -> list[tuple[str, Terms]]:
    return [("break", replace(terms, breaking=True)), ("wide", replace(terms, wide=True))]


def _sticky(solution: Solution, prefer: str | None) -> float:
    """A remembered arrangement is left only for a clearly better one, or typing makes it jump."""
    return solution.cost - (0.1 if prefer == solution.name else 0.0)


def solved(task: Task, option: Arrangement, terms: Terms, extra: float) -> Solution:
    root = option.root if isinstance(option.root, Stack) else stack_of(True, [option.root])
    scale = _largest_scale(root, task, terms)
    spots: Spots = {}
    _place_root(root, scale, task, terms, spots, option.changed)
    cost = cost_of(root, spots, task, terms) + _change_cost(option, task) + extra
    return Solution(spots, scale, cost, option.name)


def _largest_scale(root: Stack, task: Task, terms: Terms) -> float:
    safe, high = task.safe, task.highest
    if fits(root, high, terms, safe.w, safe.h):
        return high
    low = high / 8
    for _ in range(STEPS):
        middle = math.sqrt(low * high)
        if fits(root, middle, terms, safe.w, safe.h):
            low = middle
        else:
            high = middle
    return low


def _place_root(
    root: Stack, s: float, task: Task, terms: Terms, spots: Spots, changed: bool
) -> None:
    safe, frame, box = task.safe, task.frame, root.box
    left, right = box.x - frame.x, frame.right - box.right
    top, bottom = box.y - frame.y, frame.bottom - box.bottom
    if root.vertical:
        wide = max(root.wish_width(s, terms), root.least_width(s, terms))
        w = safe.w if any(root.fills) and box.w >= 0.93 * frame.w else min(wide, safe.w)
        x = safe.x + (safe.w - w) * _lean(left, right, box.w, frame.w)
        outer = _held(root, "TB", _margins(top, bottom, box.h, frame.h, s, changed))
        root.place(s, terms, Rect(x, safe.y, w, safe.h), spots, outer)
        return
    outer = _held(root, "LR", _margins(left, right, box.w, frame.w, s, changed))
    if changed:
        root.place(s, terms, safe, spots, outer)
        return
    high = max(root.wish_height(s, terms, safe.w), root.least_height(s, terms, safe.w))
    h = safe.h if any(root.fills) and box.h >= 0.93 * frame.h else min(high, safe.h)
    y = safe.y + (safe.h - h) * _lean(top, bottom, box.h, frame.h)
    root.place(s, terms, Rect(safe.x, y, safe.w, h), spots, outer)


def _margins(
    before: float, after: float, size: float, frame: float, s: float, changed: bool
) -> tuple[float, float]:
    if changed or size > 0.72 * frame:
        before = after = (before + after) / 2
    return before * s, after * s


def _held(root: Stack, edges: str, outer: tuple[float, float]) -> tuple[float, float]:
    """No margin before or after a picture that bleeds over that edge."""
    ends = (root.children[0], root.children[-1])
    bleeds = [
        any(edge in i.bleed for i in n.members()) for n, edge in zip(ends, edges, strict=True)
    ]
    return (0.0 if bleeds[0] else outer[0], 0.0 if bleeds[1] else outer[1])


def _lean(before: float, after: float, size: float, whole: float) -> float:
    """Where the block stands in its frame; nearly equal margins mean the middle."""
    room = before + after
    if room < 1e-6 or abs(before - after) < 0.04 * whole:
        return 0.5
    if min(before, after) < 0.05 * whole:
        return 0.0 if before < after else 1.0
    return snapped(before / room)


def cost_of(root: Stack, spots: Spots, task: Task, terms: Terms) -> float:
    """What a designer would dislike, in comparable units."""
    items = root.members()
    cost = 0.06 if terms.wide else 0.0
    texts = [(item, item.text, spots[item.id]) for item in items if item.text and item.id in spots]
    weighted, weight, smallest = 0.0, 0.0, math.inf
    for _, ink, spot in texts:
        font = spot.font or 1e-3
        share = ink.font * max(ink.width, 1.0)
        weighted += share * max(0.0, -math.log(max(font / ink.font, 1e-4) / terms.gm))
        weight += share
        smallest = min(smallest, font / min(terms.floor, 0.8 * ink.font * terms.gm))
        extra = max(0, spot.lines - ink.lines)
        big = ink.font >= 0.05 * task.frame.w
        cost += 0.10 * extra * (1.0 if big else 0.25)
    cost += 2 * weighted / weight if weight else 0.0
    cost += 0.8 * max(0.0, -math.log(max(smallest, 1e-4))) * 2 if texts else 0.0
    cost += _photo_cost(items, spots, task)
    used = [spots[item.id].rect for item in items if item.id in spots]
    content = used[0]
    for rect in used[1:]:
        content = content.union(rect)
    cost += 0.35 * max(0.0, math.log(0.8 * task.safe.area / max(content.area, 1.0)))
    return cost + _out_of_safe(used, task.safe)


def _change_cost(option: Arrangement, task: Task) -> float:
    root = option.root
    if not option.changed:
        return 0.0
    far = abs(math.log(task.ratio)) >= 0.6
    torn = 0.55 if has_picture(root) and splits_text(root) else 0.0
    return (0.06 if far else 0.30) + torn + (0.0 if has_picture(root) else 0.55)


def _photo_cost(items: Sequence[Item], spots: Spots, task: Task) -> float:
    cost = 0.0
    area = task.frame.area
    for item in items:
        if item.kind != "photo" or item.id not in spots:
            continue
        rect, source = spots[item.id].rect, item.ink
        share = min(1.0, source.area / area)
        bent = abs(math.log((rect.w / max(rect.h, 1e-3)) / (source.w / max(source.h, 1e-3))))
        lost = math.log(max(share, 1e-4) / max(rect.area / task.safe.area, 1e-4))
        cost += 1.3 * math.sqrt(share) * (bent + max(0.0, lost))
    return cost


def _out_of_safe(rects: Sequence[Rect], safe: Rect) -> float:
    outside = sum(rect.area - rect.clip(safe).area for rect in rects)
    return 6.0 * outside / safe.area
