"""What a template asks a person to fill in (J07), and its layers with the answers in place."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from projects.domain.json_values import JsonObject
from projects.domain.refusals import Fault, Invalid
from scene.elements import SOURCE

_MARK = re.compile(r"\{\{\s*([A-Za-z0-9_.-]+)\s*\}\}")


class _Shape(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True
    )


class Constraints(_Shape):
    """Lengths in characters; formats are file types ("jpg"); sizes in bytes."""

    max_length: int | None = None
    min_length: int | None = None
    allowed_formats: list[str] | None = None
    max_file_size: int | None = None


class Placeholder(_Shape):
    """One blank of a template."""

    id: str
    type: Literal["text", "image", "video"]
    label: str = ""
    description: str = ""
    required: bool = False
    default_value: str | None = None
    constraints: Constraints | None = None


class KnownMedia(_Shape):
    """What this service knows of a media file, for judging a placeholder."""

    media_type: str
    mime_type: str
    file_size: int


def fill(
    placeholders: Sequence[Placeholder],
    given: Mapping[str, Any],
    media: Mapping[str, KnownMedia],
) -> dict[str, str]:
    """A value for every placeholder: given, default, or empty where nothing is required.

    `media` holds what is known of the files that `given` names, by media id. Raises Invalid with
    one fault per placeholder.
    """
    known = {placeholder.id for placeholder in placeholders}
    faults = [
        Fault(f"/placeholders/{name}", "unknown", f"The template has no placeholder {name}.")
        for name in sorted(given.keys() - known)
    ]
    values: dict[str, str] = {}
    for placeholder in placeholders:
        value = given.get(placeholder.id)
        fault = _judge(placeholder, value, media)
        if fault:
            faults.append(Fault(f"/placeholders/{placeholder.id}", *fault))
        else:
            values[placeholder.id] = str(
                (placeholder.default_value if value is None else value) or ""
            )
    if faults:
        raise Invalid(faults, "Some placeholders are not filled as the template asks.")
    return values


def _judge(
    placeholder: Placeholder, value: Any, media: Mapping[str, KnownMedia]
) -> tuple[str, str] | None:
    name = placeholder.label or placeholder.id
    if value is None and placeholder.default_value:
        return None
    if value is None or value == "":
        return ("required", f"{name} has to be filled in.") if placeholder.required else None
    if not isinstance(value, str):
        return "type", f"{name} is a text."
    if placeholder.type == "text":
        return _judge_text(name, placeholder.constraints, value)
    return _judge_media(name, placeholder, value, media)


def _judge_text(name: str, rules: Constraints | None, value: str) -> tuple[str, str] | None:
    if rules and rules.min_length is not None and len(value) < rules.min_length:
        return "too_short", f"{name} needs at least {rules.min_length} characters."
    if rules and rules.max_length is not None and len(value) > rules.max_length:
        return "too_long", f"{name} may have {rules.max_length} characters, not {len(value)}."
    return None


def _judge_media(
    name: str, placeholder: Placeholder, value: str, media: Mapping[str, KnownMedia]
) -> tuple[str, str] | None:
    if not SOURCE.fullmatch(value):
        return "source", f"{name} is media:<uuid> or pack:<name>."
    file, rules = media.get(value.removeprefix("media:")), placeholder.constraints
    if file is None:  # the packaged pictures, and uploads that are not ready yet
        return None
    if file.media_type != placeholder.type:
        return "media_type", f"{name} has to be {placeholder.type}, not {file.media_type}."
    if rules and rules.allowed_formats and not _is_among(file.mime_type, rules.allowed_formats):
        return "format", f"{name} has to be one of {', '.join(rules.allowed_formats)}."
    if rules and rules.max_file_size is not None and file.file_size > rules.max_file_size:
        return "file_size", f"{name} may have {rules.max_file_size} bytes, not {file.file_size}."
    return None


def _is_among(mime_type: str, formats: Sequence[str]) -> bool:
    kind = mime_type.partition("/")[2].lower()
    names = {"jpeg": {"jpg", "jpeg"}, "quicktime": {"mov", "quicktime"}}.get(kind, {kind})
    return bool(names & {name.lower().lstrip(".") for name in formats})


def filled(value: Any, values: Mapping[str, str]) -> Any:
    """A JSON value with every `{{placeholder}}` replaced."""
    if isinstance(value, str):
        return _MARK.sub(lambda found: values.get(found.group(1), ""), value)
    if isinstance(value, dict):
        return {name: filled(v, values) for name, v in cast(JsonObject, value).items()}
    if isinstance(value, list):
        return [filled(inner, values) for inner in cast("list[Any]", value)]
    return value
