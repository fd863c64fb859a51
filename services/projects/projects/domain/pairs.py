"""Reference pairs and who leads a group (D7): what new places are derived from."""

from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import Any

from projects.domain.json_values import JsonObject, at, put_all
from projects.domain.properties import FONT_SIZE, scaled
from projects.domain.state import Board, Group, Pair, Placed


def pairs_led_by(members: Sequence[Placed], base: str) -> dict[str, Pair]:
    """Every member's pair, with its source on canvas `base`.

    Pairs that were written down at the same moment keep that moment, so that edits led by one
    canvas and then by another still add up; others begin where both stand now.
    """
    lead = next((member for member in members if member.canvas_id == base), None)
    return {member.id: _led_by(member, lead, base) for member in members}


def _led_by(member: Placed, lead: Placed | None, base: str) -> Pair:
    own = member.pair
    if own is not None and own.base == base:
        return own
    if lead is None:
        return own or Pair(base=base, source=member.box, own=member.box)
    led = lead.pair
    if own is not None and led is not None and (own.base, own.source) == (led.base, led.source):
        return Pair(base=base, source=led.own, own=own.own)
    return Pair(base=base, source=lead.box, own=member.box)


def led_values(
    group: Group, member: Placed, after: JsonObject, changed: Iterable[str], layout: JsonObject
) -> Group:
    """The group after `member` was edited for everyone. Replay calls it with what was recorded.

    `layout.factor`: how many times the base's lengths the member's were; `layout.base`: the canvas
    that leads from now on, where that changed.
    """
    factor = float(layout["factor"])
    paths = tuple(changed)
    if "base" not in layout:
        own = {path: scaled(path, at(after, path), 1 / factor) for path in paths}
        return Group(base=group.base, values=put_all(group.values, own))
    kept = {
        path: scaled(path, at(group.values, path), factor)
        for path in member.overrides
        if path not in paths
    }
    return Group(base=str(layout["base"]), values=put_all(after, kept))


def length_factor(
    board: Board, canvas_id: str, values: Mapping[str, Any], base: str, led: Mapping[str, Any]
) -> float:
    """How many times the base's lengths an element's are: by font for text, else by area."""
    own, source = at(values, FONT_SIZE), at(led, FONT_SIZE)
    if own and source:
        return float(own) / float(source)
    if canvas_id == base or base not in board.canvases:
        return 1.0
    here, there = board.format_of(canvas_id), board.format_of(base)
    return sqrt(here.width * here.height / (there.width * there.height))
