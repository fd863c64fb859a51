"""Making and judging elements: what a client sends becomes canonical values, or faults."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

import orjson

from projects.domain.json_values import JsonObject, merge, without_nulls
from projects.domain.numbers import tidy
from projects.domain.properties import OWN, with_defaults
from projects.domain.refusals import Fault, Invalid
from projects.domain.state import Placed
from scene.elements import Element
from scene.validation import validate_element

MAX_ELEMENT_BYTES = 64 * 1024
AI_PROVIDERS = frozenset(
    {"openai", "anthropic", "runware", "midjourney", "stable-diffusion", "builtin"}
)
WRITABLE = frozenset(
    {
        *("type", "name", "trackIndex", "startTime", "duration", "zIndex", "isLocked", "isHidden"),
        *("x", "y", "width", "height", "rotation", "opacity", "properties"),
        *("aiGenerated", "aiGenerationId", "aiProvider"),
    }
)
AUDIT = frozenset(
    {"projectId", "createdBy", "lastEditedBy", "lastEditedAt", "createdAt", "updatedAt"}
)
DEFAULT_VALUES: Mapping[str, Any] = {
    "startTime": 0,
    "rotation": 0,
    "opacity": 1,
    "isLocked": False,
    "isHidden": False,
    "aiGenerated": False,
}


def new_values(given: Mapping[str, Any], defaults: Mapping[str, Any]) -> JsonObject:
    """Canonical values of a new element; `defaults` fills what the client left out.

    Raises Invalid with a JSON Pointer per fault.
    """
    stated = {name: value for name, value in given.items() if name not in OWN and value is not None}
    _refuse([*_unknown(stated)])
    filled = {**DEFAULT_VALUES, **defaults, **stated}
    filled["properties"] = with_defaults(_object(filled.get("properties")))
    return canonical(filled)


def edited_values(element: Placed, patch: Mapping[str, Any]) -> JsonObject:
    """The element's values after a merge patch (RFC 7396). Raises Invalid."""
    current = element.to_json()
    changed = {n: v for n, v in patch.items() if not (n in current and current[n] == v)}
    _refuse([*_unknown(changed), *_read_only(changed), *_required(changed)])
    return canonical(merge(element.values, changed))


def canonical(values: Mapping[str, Any]) -> JsonObject:
    """Coerced, rounded and without nulls, ready to become a fact. Raises Invalid."""
    whole = {"id": "new", **values}
    _refuse([Fault(f.pointer, f.code, f.message) for f in validate_element(whole)])
    parsed = Element.model_validate(whole).model_dump(
        mode="json", by_alias=True, exclude_unset=True, exclude={"id"}
    )
    tidied: JsonObject = tidy(without_nulls(parsed))
    # Rounding can push a value over its bound (a width of 0.001 becomes 0): judge the outcome.
    _refuse([Fault(f.pointer, f.code, f.message) for f in validate_element({"id": "n", **tidied})])
    _refuse(_ai_faults(tidied))
    if len(orjson.dumps(tidied)) > MAX_ELEMENT_BYTES:
        raise Invalid([Fault("", "too_large", "An element may have 64 kB.")])
    return tidied


def _object(value: Any) -> JsonObject:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Invalid([Fault("/properties", "model_type", "properties is an object")])
    return cast(JsonObject, value)


def _unknown(given: Mapping[str, Any]) -> list[Fault]:
    names = sorted(given.keys() - WRITABLE - OWN - AUDIT)
    return [Fault(f"/{name}", "unknown", f"An element has no {name}.") for name in names]


def _read_only(given: Mapping[str, Any]) -> list[Fault]:
    names = sorted(given.keys() & (OWN | AUDIT | {"type"}))
    return [Fault(f"/{name}", "read_only", f"{name} cannot be edited.") for name in names]


def _required(given: Mapping[str, Any]) -> list[Fault]:
    needed = WRITABLE - {"width", "height", "aiGenerationId", "aiProvider"}
    names = sorted(name for name, value in given.items() if value is None and name in needed)
    return [Fault(f"/{name}", "required", f"{name} cannot be removed.") for name in names]


def _ai_faults(values: Mapping[str, Any]) -> list[Fault]:
    faults: list[Fault] = []
    if values.get("aiProvider") not in {None, *AI_PROVIDERS}:
        faults.append(Fault("/aiProvider", "enum", f"One of {', '.join(sorted(AI_PROVIDERS))}."))
    try:
        UUID(str(values.get("aiGenerationId") or UUID(int=0)))
    except ValueError:
        faults.append(Fault("/aiGenerationId", "uuid", "An id of a generation is a UUID."))
    return faults


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise Invalid(faults)
