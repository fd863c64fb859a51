"""JSON objects as values: merge patches, dotted paths, differences. Nothing is changed in place."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, cast

JsonObject: TypeAlias = dict[str, Any]

ATOMIC = frozenset({"properties.media.cropData", "properties.media.focus", "properties.ext"})
"""Objects that are replaced as a whole, never member by member."""

_STAYING = frozenset({"properties", "config", "customizations"})


def merge(target: Any, patch: Any) -> Any:
    """RFC 7396: members of `patch` replace those of `target`, null removes, arrays replace."""
    if not isinstance(patch, dict):
        return patch
    merged: JsonObject = dict(cast(JsonObject, target)) if isinstance(target, dict) else {}
    for name, value in cast(JsonObject, patch).items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


def at(value: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path; None where there is none."""
    found: Any = value
    for name in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = cast("Mapping[str, Any]", found).get(name)
    return found


def put(value: Mapping[str, Any], path: str, new: Any) -> JsonObject:
    """A copy with `new` at a dotted path; None takes the member away, with objects left empty."""
    head, _, rest = path.partition(".")
    copy = dict(value)
    if rest:
        found = copy.get(head)
        inner = put(cast(JsonObject, found) if isinstance(found, dict) else {}, rest, new)
        if inner or new is not None or head in _STAYING:
            copy[head] = inner
        else:
            copy.pop(head, None)
    elif new is None:
        copy.pop(head, None)
    else:
        copy[head] = new
    return copy


def put_all(value: Mapping[str, Any], news: Mapping[str, Any]) -> JsonObject:
    """`put` for several paths."""
    result = dict(value)
    for path, new in news.items():
        result = put(result, path, new)
    return result


def leaves(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted paths and their values: arrays, `ATOMIC` and empty objects are values."""
    for name, inner in value.items():
        path = f"{prefix}{name}"
        if isinstance(inner, dict) and inner and path not in ATOMIC:
            yield from leaves(cast(JsonObject, inner), f"{path}.")
        elif inner is not None:
            yield path, inner


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Path to (before, after) wherever two objects differ; None means absent."""
    old, new = dict(leaves(before)), dict(leaves(after))
    return {
        path: (old.get(path), new.get(path))
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path)
    }


def without_nulls(value: Any) -> Any:
    """The same value without null members."""
    if isinstance(value, dict):
        members = cast(JsonObject, value).items()
        return {name: without_nulls(inner) for name, inner in members if inner is not None}
    if isinstance(value, list):
        return [without_nulls(inner) for inner in cast("list[Any]", value)]
    return value
