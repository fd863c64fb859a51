"""Single properties that left their group: what the group would say, and the way back."""

from collections.abc import Iterable, Sequence

from projects.domain.follow import follow
from projects.domain.json_values import JsonObject, at, differences, put_all
from projects.domain.pairs import length_factor, pairs_led_by
from projects.domain.properties import GEOMETRY, changes_extent, is_scaled, scaled
from projects.domain.refusals import Conflicting
from projects.domain.state import Board, Group, Placed
from projects.domain.sync import Change, Edit


def group_of(board: Board, element: Placed) -> Group:
    """Raises Conflicting for an element that is in no group."""
    group = board.groups.get(element.sync_group or "")
    if group is None:
        raise Conflicting("not_synced", "This element is in no sync group.")
    return group


def following(board: Board, element: Placed, paths: Iterable[str]) -> JsonObject:
    """The element's values if it followed its group in `paths`, everything else as it is."""
    group = group_of(board, element)
    wanted = put_all(
        element.values,
        {path: at(group.values, path) for path in paths if path not in GEOMETRY},
    )
    pair = pairs_led_by(board.members(element.sync_group or ""), group.base)[element.id]
    free = set(GEOMETRY) - (set(element.overrides) - set(paths))
    if any(path in GEOMETRY or changes_extent(path) for path in paths):
        box = follow(board, pair, group.values, element, wanted).own
        wanted = put_all(wanted, {p: v for p, v in box.paths().items() if p in free})
    factor = length_factor(board, element.canvas_id, wanted, group.base, group.values)
    lengths = {p: scaled(p, at(group.values, p), factor) for p in paths if is_scaled(p)}
    return put_all(wanted, lengths)


def differing(board: Board, element: Placed) -> list[JsonObject]:
    """`{path, value, groupValue}` for every overridden property."""
    followed = following(board, element, element.overrides)
    return [
        {"path": path, "value": at(element.values, path), "groupValue": at(followed, path)}
        for path in element.overrides
    ]


def reset(board: Board, element: Placed, named: Sequence[str] | None) -> Edit | None:
    """Re-attach the named properties (a name covers what lies under it), or all of them."""
    paths = tuple(
        path
        for path in element.overrides
        if named is None or any(path == name or path.startswith(f"{name}.") for name in named)
    )
    if not paths:
        return None
    after = following(board, element, paths)
    changes = tuple(
        Change(path, *values, derived=path in GEOMETRY or is_scaled(path))
        for path, values in differences(element.values, after).items()
    )
    kept = tuple(path for path in element.overrides if path not in paths)
    return Edit(element, changes, origin=True, overrides=kept)
