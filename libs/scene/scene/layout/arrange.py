"""Other ways to arrange a tree when the target has a very different shape."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from scene.layout.nodes import Node, PhotoNode
from scene.layout.panels import Panel
from scene.layout.stacks import Gap, Stack, snapped, stack_of
from scene.layout.types import Rect, bounds

WIDER, TALLER = 1.25, 0.8
JOINT = Gap(0.075, fixed=True)


@dataclass(frozen=True)
class Arrangement:
    name: str
    root: Node
    changed: bool


def arrangements(root: Node, ratio: float) -> Iterator[Arrangement]:
    """`ratio` is the target's aspect over the source's. The tree as it is comes first."""
    yield Arrangement("keep", root, changed=False)
    if not isinstance(root, Stack):
        return
    if ratio > WIDER and root.vertical:
        yield from _rows(root)
        yield from _pulled_out(root)
    if ratio < TALLER and not root.vertical:
        yield from _columns(root)
    if ratio < TALLER and root.vertical:
        yield from _unfolded(root)


def _rows(root: Stack) -> Iterator[Arrangement]:
    children = root.children
    if len(children) < 2:
        return

    def uneven(split: int) -> float:
        return abs(_height(children[:split]) - _height(children[split:]))

    middle = min(range(1, len(children)), key=uneven)
    for split in range(1, len(children)):
        first, second = _part(children[:split], root), _part(children[split:], root)
        row = _beside(first, second, root)
        # Tearing a text apart is worth trying once, where it divides evenly.
        if split == middle or not splits_text(row):
            yield Arrangement(f"row{split}", row, changed=True)
    whole = max(sum(child.box.area for child in children), 1.0)
    for index, child in enumerate(children):
        between = 0 < index < len(children) - 1
        if not between or not _is_picture(child) or child.box.area <= 0.15 * whole:
            continue
        rest = _closed([*children[:index], *children[index + 1 :]], root)
        yield Arrangement(f"aside{index}", _beside(rest, child, root), changed=True)


def _height(children: Sequence[Node]) -> float:
    return bounds([child.box for child in children]).h


def _pulled_out(root: Stack) -> Iterator[Arrangement]:
    """A picture that shares a row with a text or button leaves it and stands beside the rest."""
    for index, child in enumerate(root.children):
        if not isinstance(child, Stack) or child.vertical:
            continue
        pictures = [c for c in child.children if _is_picture(c) and not _has_free_text(c)]
        others = [c for c in child.children if c not in pictures]
        if len(pictures) != 1 or not others:
            continue
        rest = _closed([*root.children[:index], *others, *root.children[index + 1 :]], root)
        first = child.children[0] is pictures[0]
        pair = (pictures[0], rest) if first else (rest, pictures[0])
        yield Arrangement(f"pulled{index}", _beside(*pair, root), changed=True)


def _columns(root: Stack) -> Iterator[Arrangement]:
    children = list(root.children)
    yield Arrangement("column", _below(children), changed=True)
    photos = [child for child in children if _is_picture(child)]
    if photos and children[0] is not photos[0]:
        first = max(photos, key=lambda child: child.box.area)
        others = [child for child in children if child is not first]
        yield Arrangement("column-picture-first", _below([first, *others]), changed=True)


def _unfolded(root: Stack) -> Iterator[Arrangement]:
    parts: list[Node] = []
    for child in root.children:
        row = isinstance(child, Stack) and not child.vertical
        if row and isinstance(child, Stack) and any(_is_picture(c) for c in child.children):
            parts.append(_below(child.children))
        else:
            parts.append(child)
    if any(new is not old for new, old in zip(parts, root.children, strict=True)):
        yield Arrangement("unfolded", replace(root, children=tuple(parts)), changed=True)


def _part(children: Sequence[Node], root: Stack) -> Node:
    """Some of a column's children as a column of its own, keeping their common edges."""
    if len(children) == 1:
        return children[0]
    box = bounds([child.box for child in children])
    return stack_of(True, children, Rect(box.x, box.y, box.w, box.h))


def _closed(children: Sequence[Node], root: Stack) -> Node:
    """A column one piece was pulled out of: the hole closes."""
    if len(children) == 1:
        return children[0]
    stack = stack_of(True, children)
    return replace(stack, gaps=tuple(replace(gap, cap=0.05) for gap in stack.gaps))


def _beside(first: Node, second: Node, root: Stack) -> Stack:
    touching = abs(second.box.y - first.box.bottom) < 1.5
    joint = Gap(0.0) if touching else JOINT
    box = bounds([first.box, second.box])
    pair = (first, second)
    offsets = (0.5, 0.5)
    fills = tuple(_spans(node) for node in pair)
    return Stack(False, pair, (joint,), fills, offsets, box, changed=True)


def _below(children: Sequence[Node]) -> Stack:
    gaps: list[Gap] = []
    for first, second in itertools.pairwise(children):
        touching = abs(second.box.x - first.box.right) < 1.5
        gaps.append(Gap(0.0) if touching else JOINT)
    fills = tuple(_is_picture(child) and _bends(child) for child in children)
    box = bounds([child.box for child in children])
    offsets = tuple(_own_offset(child) for child in children)
    return Stack(True, tuple(children), tuple(gaps), fills, offsets, box, changed=True)


def splits_text(root: Node) -> bool:
    """A row with free texts on both sides: what was read in one go is torn apart."""
    if not isinstance(root, Stack) or root.vertical or len(root.children) != 2:
        return False
    return all(_has_free_text(child) for child in root.children)


def _has_free_text(node: Node) -> bool:
    if isinstance(node, Panel):
        return False
    if isinstance(node, Stack):
        return any(_has_free_text(child) for child in node.children)
    return any(item.kind == "text" for item in node.members())


def _own_offset(child: Node) -> float:
    aligns = [item.text.align for item in child.members() if item.text]
    return snapped(sum(aligns) / len(aligns)) if aligns else 0.5


def _is_picture(node: Node) -> bool:
    if isinstance(node, Panel):
        return True
    return any(item.kind == "photo" for item in node.members())


def _spans(node: Node) -> bool:
    """Bleeding pictures and panels take the whole height; framed pictures keep their shape."""
    return isinstance(node, Panel) or (isinstance(node, PhotoNode) and len(node.item.bleed) >= 3)


def _bends(node: Node) -> bool:
    return isinstance(node, PhotoNode | Panel)


def has_picture(node: Node) -> bool:
    if isinstance(node, Stack):
        return any(has_picture(child) for child in node.children)
    return _is_picture(node)
