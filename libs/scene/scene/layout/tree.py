"""From boxes to a tree: who stands on whom, what stands beside what, by recursive cutting."""

from collections.abc import Sequence
from dataclasses import dataclass

from scene.layout.items import Item
from scene.layout.nodes import Node, PhotoNode, RuleNode, SolidNode, TextNode
from scene.layout.panels import Panel
from scene.layout.roles import Roles
from scene.layout.stacks import Stack, stack_of
from scene.layout.types import Frame, Rect, bounds

FLOWING = frozenset({"text", "media", "panel", "button", "rule"})
RIGID_OVERLAP, TEXT_OVERLAP, LOOSE_OVERLAP = 0.12, 0.25, 0.38


@dataclass(frozen=True)
class Forest:
    """One tree per scene: blocks that take turns in the same place are laid out apart."""

    trees: tuple[Node, ...]
    loose: bool = False


def forest_of(items: Sequence[Item], roles: Roles, frame: Frame) -> list[Forest]:
    """The tree of each scene; a second, loose forest where one overlapping lump dominates."""
    strict = Forest(_scenes(items, roles, RIGID_OVERLAP))
    if not any(_is_lump(tree, frame) for tree in strict.trees):
        return [strict]
    return [strict, Forest(_scenes(items, roles, LOOSE_OVERLAP), loose=True)]


def _is_lump(tree: Node, frame: Frame) -> bool:
    if isinstance(tree, SolidNode):
        big = tree.box.area > 0.3 * tree.box.area and len(tree.items) > 2
        return tree.label == "rigid" and big
    if isinstance(tree, Stack):
        return any(
            isinstance(child, SolidNode)
            and child.label == "rigid"
            and len(child.items) > 2
            and child.box.area > 0.3 * tree.box.area
            for child in tree.children
        )
    return isinstance(tree, Panel) and _is_lump(tree.inner, frame)


def _scenes(items: Sequence[Item], roles: Roles, limit: float) -> tuple[Node, ...]:
    flowing = [item for item in items if roles.role[item.id] in FLOWING]
    nodes = [
        (item, _node(item, items, roles, limit))
        for item in flowing
        if roles.role.get(roles.parent.get(item.id, ""), "decor") not in FLOWING
    ]
    scenes: list[list[tuple[Item, Node]]] = []
    for item, node in sorted(nodes, key=lambda pair: (pair[0].start, pair[0].order)):
        for scene in scenes:
            if not any(_takes_turns(item, node, other, block) for other, block in scene):
                scene.append((item, node))
                break
        else:
            scenes.append([(item, node)])
    return tuple(_grown([node for _, node in scene], limit) for scene in scenes)


def _takes_turns(item: Item, node: Node, other: Item, block: Node) -> bool:
    return not item.overlaps_in_time(other) and node.box.overlap(block.box) > RIGID_OVERLAP


def _node(item: Item, items: Sequence[Item], roles: Roles, limit: float) -> Node:
    role, block = roles.role[item.id], roles.block[item.id]
    if item.text is not None:
        return _solid([item], roles) if item.rotation else TextNode(item, block, item.text)
    if role == "rule" and not roles.children.get(item.id):
        return RuleNode(item, block)
    if role == "button":
        return _solid(_family(item, roles), roles, "button")
    if role == "panel":
        return _panel(item, items, roles, limit)
    if item.locked:
        return _solid([item], roles)
    return PhotoNode(item, block)


def _family(item: Item, roles: Roles) -> list[Item]:
    family = [item]
    for child in roles.children.get(item.id, ()):
        family += _family(child, roles)
    return family


def _panel(item: Item, items: Sequence[Item], roles: Roles, limit: float) -> Node:
    children = [c for c in roles.children[item.id] if roles.role[c.id] in FLOWING]
    if item.locked and not item.bleed:
        return _solid(_family(item, roles), roles, "button")
    inner = _grown([_node(child, items, roles, limit) for child in children], limit)
    if item.locked:
        return inner
    shell = roles.block[item.id]
    box = shell.union(inner.box)
    left, right = inner.box.x - box.x, box.right - inner.box.right
    top, bottom = inner.box.y - box.y, box.bottom - inner.box.bottom
    return Panel(item, inner, box, shell, (_side(inner, left, right), _part(top, bottom)))


def _side(inner: Node, left: float, right: float) -> float:
    """Content set flush left keeps to the left, even where its longest line nearly fills."""
    texts = [item.text for item in inner.members() if item.text]
    flush = sum(ink.width for ink in texts if ink.align == 0.0)
    if texts and flush > 0.7 * sum(ink.width for ink in texts):
        return 0.0
    return _part(left, right)


def _part(before: float, after: float) -> float:
    total = before + after
    part = before / total if total > 1 else 0.5
    return 0.5 if abs(part - 0.5) < 0.07 else part


def _solid(members: Sequence[Item], roles: Roles, label: str = "rigid") -> SolidNode:
    rects = {item.id: item.ink for item in members}
    fonts = [item.text.font for item in members if item.text]
    font = min(fonts) if fonts and label == "button" else None
    return SolidNode(tuple(members), bounds(list(rects.values())), rects, label, font)


def _grown(nodes: list[Node], limit: float) -> Node:
    return _cut(_lumped(nodes, limit))


def _lumped(nodes: list[Node], limit: float) -> list[Node]:
    """Joins what overlaps into groups that only scale as a whole."""
    groups: list[list[Node]] = []
    for node in nodes:
        touching = [g for g in groups if any(_collide(node, other, limit) for other in g)]
        merged = [node] + [member for group in touching for member in group]
        groups = [group for group in groups if group not in touching] + [merged]
    return [group[0] if len(group) == 1 else _lump(group) for group in groups]


def _lump(group: Sequence[Node]) -> SolidNode:
    items = sorted({i.id: i for node in group for i in node.members()}.values(), key=_by_order)
    rects = {item.id: item.ink for item in items}
    return SolidNode(tuple(items), bounds([node.box for node in group]), rects)


def _by_order(item: Item) -> int:
    return item.order


def _collide(a: Node, b: Node, limit: float) -> bool:
    texts = isinstance(a, TextNode) and isinstance(b, TextNode)
    return _trimmed(a).overlap(_trimmed(b)) > (max(TEXT_OVERLAP, limit) if texts else limit)


def _trimmed(node: Node) -> Rect:
    """A text's line box reaches far above and below its letters."""
    if not isinstance(node, TextNode):
        return node.box
    ink = node.ink
    spare = max(0.0, (ink.words.line - 0.75) * ink.font / 2)
    return node.box.inset(0, min(spare, node.box.h / 3), 0, min(spare, node.box.h / 3))


def _cut(nodes: Sequence[Node]) -> Node:
    if len(nodes) == 1:
        return nodes[0]
    row, column = _widest_gap(nodes, True), _widest_gap(nodes, False)
    if row is None and column is None:
        return _lump(nodes)
    vertical = row is not None and (column is None or column[0] < 1.6 * max(row[0], 1.0))
    _, first, second = row if vertical and row is not None else column or row or (0.0, [], [])
    parts: list[Node] = []
    for half in (_cut(first), _cut(second)):
        same = isinstance(half, Stack) and half.vertical == vertical
        parts += half.children if same and isinstance(half, Stack) else [half]
    return stack_of(vertical, parts)


def _widest_gap(
    nodes: Sequence[Node], vertical: bool
) -> tuple[float, list[Node], list[Node]] | None:
    """The largest free (or slightly overlapped) line across the nodes and its two sides."""

    def start(node: Node) -> float:
        return node.box.y if vertical else node.box.x

    def end(node: Node) -> float:
        return node.box.bottom if vertical else node.box.right

    line = sorted(nodes, key=lambda node: (start(node), end(node), node.members()[0].order))
    best: tuple[float, list[Node], list[Node]] | None = None
    for index in range(1, len(line)):
        first, second = line[:index], line[index:]
        edge, begin = max(end(node) for node in first), start(second[0])
        gap = begin - edge
        smaller = min(edge - start(first[0]), max(end(node) for node in second) - begin)
        if gap >= -0.12 * smaller and (best is None or gap > best[0]):
            best = (gap, first, second)
    return best
