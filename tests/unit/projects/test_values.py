"""Merge patches, dotted paths, rounding, rights."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from projects.domain.json_values import differences, merge, put_all
from projects.domain.numbers import rounded, tidy
from projects.domain.refusals import NotAllowed
from projects.domain.rights import Action, Rights

ACTIONS: tuple[Action, ...] = ("edit", "comment", "export", "delete")
NAMES = some.sampled_from(["a", "b", "c"])
SCALARS = some.one_of(some.integers(), some.text(max_size=3), some.booleans())
TREES = some.recursive(
    some.dictionaries(NAMES, SCALARS, min_size=1, max_size=3),
    lambda inner: some.dictionaries(NAMES, some.one_of(SCALARS, inner), min_size=1, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
        ({"a": "foo"}, {"b": {"c": 1}}, {"a": "foo", "b": {"c": 1}}),
    ],
)
def test_patches_merge_as_in_rfc_7396(target: object, patch: object, result: object) -> None:
    assert merge(target, patch) == result


@given(TREES, TREES)
def test_the_differences_of_two_objects_lead_from_one_to_the_other(one: dict, other: dict) -> None:
    afters = {path: after for path, (_, after) in differences(one, other).items()}
    removed = {path: value for path, value in afters.items() if value is None}
    added = {path: value for path, value in afters.items() if value is not None}
    assert put_all(put_all(one, removed), added) == other


@pytest.mark.parametrize(
    ("value", "places", "result"),
    [(0.125, 2, 0.13), (-0.125, 2, -0.13), (2.675, 2, 2.68), (1.0005, 3, 1.001), (5.0, 2, 5)],
)
def test_rounding_is_half_away_from_zero(value: float, places: int, result: float) -> None:
    assert rounded(value, places) == result


def test_shares_keep_more_digits_than_pixels() -> None:
    tidied = tidy({"x": 1.23456, "cropData": {"x": 0.123456}, "startTime": 1.23456})
    assert tidied == {"x": 1.23, "cropData": {"x": 0.123456}, "startTime": 1.235}


@pytest.mark.parametrize(
    ("rights", "may"),
    [
        (Rights("owner"), {"edit", "comment", "export", "delete"}),
        (Rights("admin"), {"edit", "comment", "export"}),
        (Rights("editor", {"canEdit": True}), {"edit"}),
        (Rights("editor", {"canComment": True, "canExport": True}), {"comment", "export"}),
        (Rights("viewer", {"canEdit": True, "canComment": True}), {"comment"}),
        (Rights("viewer", {}), set[str]()),
    ],
)
def test_rights_are_the_roles_ceiling_and_the_flag(rights: Rights, may: set[str]) -> None:
    assert {action for action in ACTIONS if rights.may(action)} == may
    for action in ACTIONS:
        if action not in may:
            with pytest.raises(NotAllowed):
                rights.require(action)
