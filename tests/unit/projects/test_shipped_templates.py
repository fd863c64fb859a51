"""The templates that ship: complete, valid, and clean on the formats people use first."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bench.template_sheet import DATA, document, filled, formats
from scene.preflight import Format, check
from scene.validation import validate_element

FILES = sorted((DATA / "templates").glob("*.json"))
CATEGORIES = {each["slug"] for each in json.loads((DATA / "categories.json").read_text())}
FIRST = (
    "instagram-story",
    "tiktok-video",
    "instagram-square",
    "instagram-feed-portrait",
    "linkedin-post-landscape",
    "youtube-video",
)


@pytest.fixture(params=FILES, ids=[path.stem for path in FILES])
def template(request: pytest.FixtureRequest) -> dict[str, Any]:
    path: Path = request.param
    return json.loads(path.read_text())


def test_every_category_has_a_template() -> None:
    used = {json.loads(path.read_text())["categorySlug"] for path in FILES}
    assert len(FILES) >= 12
    assert used == CATEGORIES


def test_a_template_names_a_format_of_its_size(template: dict[str, Any]) -> None:
    known = formats()[template["formatSlug"]]
    canvas = template["templateData"]["canvas"]
    assert (canvas["width"], canvas["height"]) == (known["width"], known["height"])


def test_every_placeholder_is_used_and_every_reference_is_declared(
    template: dict[str, Any],
) -> None:
    declared = {placeholder["id"] for placeholder in template["placeholders"]}
    used = set(re.findall(r"{{(\w+)}}", json.dumps(template["templateData"]["layers"])))
    assert used == declared


def test_defaults_keep_to_their_own_constraints(template: dict[str, Any]) -> None:
    for placeholder in template["placeholders"]:
        default, limits = placeholder.get("defaultValue"), placeholder.get("constraints", {})
        if placeholder["type"] == "text":
            assert limits["minLength"] <= len(default) <= limits["maxLength"]


def test_every_layer_is_a_valid_element(template: dict[str, Any]) -> None:
    for element in filled(template):
        assert validate_element(element) == []


def test_every_animation_belongs_to_a_layer_and_ends_with_it(template: dict[str, Any]) -> None:
    layers = {layer["id"]: layer for layer in template["templateData"]["layers"]}
    for animation in template["templateData"]["animations"]:
        layer = layers[animation["layerId"]]
        assert animation["startTime"] + animation["duration"] <= layer["duration"] + 1e-6


@pytest.mark.parametrize("slug", FIRST)
def test_a_template_passes_preflight_with_its_own_words(
    template: dict[str, Any], slug: str
) -> None:
    known = formats()
    made = document(template, known[slug], known[template["formatSlug"]])
    found = check(made, Format.model_validate(known[slug]))
    assert [finding.message for finding in found if finding.severity == "error"] == []
    assert [finding.rule for finding in found if finding.rule.startswith("text")] == []
