"""Judging an element before it becomes a fact: every fault with a JSON Pointer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from scene.elements import NEEDS, Element


@dataclass(frozen=True)
class ElementFault:
    """`pointer` is a JSON Pointer into the element; `code` is stable, `message` is for people."""

    pointer: str
    code: str
    message: str


def validate_element(element: Mapping[str, Any]) -> list[ElementFault]:
    """Every fault of a camelCase element; an empty list when it may be stored."""
    try:
        parsed = Element.model_validate(dict(element))
    except ValidationError as error:
        return [
            ElementFault(_pointer(fault["loc"]), fault["type"], _message(fault["msg"]))
            for fault in error.errors(include_url=False, include_context=False)
        ]
    return _missing(parsed)


def _missing(element: Element) -> list[ElementFault]:
    needed = NEEDS[element.type]
    if not needed or any(getattr(element.properties, name) is not None for name in needed):
        return []
    names = " or ".join(f"properties.{name}" for name in needed)
    return [ElementFault(f"/properties/{needed[0]}", "missing", f"{element.type} needs {names}")]


def _pointer(location: tuple[int | str, ...]) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in location)


def _message(text: str) -> str:
    return text.removeprefix("Value error, ")
