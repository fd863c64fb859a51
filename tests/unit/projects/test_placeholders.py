"""Blanks of a template: required, limited, defaulted."""

from typing import Any

import pytest

from projects.domain.placeholders import KnownMedia, Placeholder, fill, filled
from projects.domain.refusals import Invalid

HEADLINE = Placeholder.model_validate(
    {
        "id": "headline",
        "type": "text",
        "label": "Headline",
        "required": True,
        "constraints": {"minLength": 3, "maxLength": 10},
    }
)
PICTURE = Placeholder.model_validate(
    {
        "id": "picture",
        "type": "image",
        "required": False,
        "constraints": {"allowedFormats": ["jpg"], "maxFileSize": 1000},
    }
)
MEDIA = "media:0192f0aa-0000-7000-8000-000000000001"
KEY = MEDIA.removeprefix("media:")


def codes(
    *placeholders: Placeholder, given: dict[str, Any], file: KnownMedia | None = None
) -> dict[str, str]:
    known = {KEY: file} if file else {}
    try:
        fill(placeholders, given, known)
    except Invalid as refused:
        return {fault.pointer: fault.code for fault in refused.errors}
    return {}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "required"),
        ("", "required"),
        ("ab", "too_short"),
        ("abcdefghijk", "too_long"),
        (7, "type"),
    ],
)
def test_a_required_text_keeps_its_limits(value: Any, code: str) -> None:
    assert codes(HEADLINE, given={"headline": value}) == {"/placeholders/headline": code}


def test_every_wrong_placeholder_is_named() -> None:
    faults = codes(HEADLINE, PICTURE, given={"picture": "https://example.org", "other": "x"})
    assert faults == {
        "/placeholders/other": "unknown",
        "/placeholders/headline": "required",
        "/placeholders/picture": "source",
    }


def test_a_default_stands_in_for_what_is_not_given() -> None:
    headline = HEADLINE.model_copy(update={"default_value": "Hello"})
    assert fill([headline, PICTURE], {}, {}) == {"headline": "Hello", "picture": ""}
    assert fill([headline], {"headline": "Own"}, {}) == {"headline": "Own"}


def test_known_media_are_judged_and_unknown_ones_wait() -> None:
    fits = KnownMedia(media_type="image", mime_type="image/jpeg", file_size=900)
    given = {"picture": MEDIA}
    assert codes(PICTURE, given=given) == {}
    assert codes(PICTURE, given=given, file=fits) == {}
    large = fits.model_copy(update={"file_size": 2000})
    png = fits.model_copy(update={"mime_type": "image/png"})
    clip = fits.model_copy(update={"media_type": "video"})
    assert codes(PICTURE, given=given, file=large) == {"/placeholders/picture": "file_size"}
    assert codes(PICTURE, given=given, file=png) == {"/placeholders/picture": "format"}
    assert codes(PICTURE, given=given, file=clip) == {"/placeholders/picture": "media_type"}


def test_marks_are_replaced_wherever_they_stand() -> None:
    layer = {"text": {"content": "{{ a }} and {{b}}"}, "list": ["{{a}}", 3]}
    assert filled(layer, {"a": "x", "b": "y"}) == {"text": {"content": "x and y"}, "list": ["x", 3]}
