"""Projects from templates: placeholders, groups, counting."""

from typing import Any

import pytest

from tests.support.projects_house import Caller, House, Json

FOUR = ["instagram-story", "tiktok-video", "instagram-square", "linkedin-post-landscape"]


@pytest.fixture
def ana(house: House) -> Caller:
    return house.as_user("ana")


async def teaser(ana: Caller, **placeholders: Any) -> Any:
    template = (await ana.get("/v1/templates/video-teaser")).body
    body = {
        "name": "Teaser",
        "formats": FOUR,
        "templateId": template["id"],
        "placeholders": placeholders,
    }
    return await ana.post("/v1/projects", body)


async def test_every_layer_stands_on_every_canvas_in_one_group(ana: Caller, house: House) -> None:
    clip = await house.media("ana", "video/mp4", duration=5.2, has_audio=True)
    told = await teaser(ana, clip=f"media:{clip}", hook="Words of our own")
    assert told.status == 201, told.body
    elements: list[Json] = told.body["projectData"]["timeline"]["elements"]
    groups: dict[str, list[Json]] = {}
    for element in elements:
        groups.setdefault(element["syncGroup"], []).append(element)
    assert {len({e["canvasId"] for e in members}) for members in groups.values()} == {4}
    texts = {e["properties"]["text"]["content"] for e in elements if e["type"] == "text"}
    assert "Words of our own" in texts
    assert not [text for text in texts if "{{" in text]
    clips = [e for e in elements if e["type"] == "video"]
    assert {e["properties"]["media"]["naturalWidth"] for e in clips} == {1200}


async def test_required_placeholders_and_their_constraints_are_named_one_by_one(
    ana: Caller,
) -> None:
    told = await teaser(ana, hook="x" * 500, nonsense="y")
    assert told.status == 422
    faults = {error["pointer"]: error["code"] for error in told.body["errors"]}
    assert faults == {
        "/placeholders/clip": "required",
        "/placeholders/hook": "too_long",
        "/placeholders/nonsense": "unknown",
    }


async def test_a_picture_is_no_video(ana: Caller, house: House) -> None:
    picture = await house.media("ana")
    told = await teaser(ana, clip=f"media:{picture}")
    assert told.status == 422
    assert told.body["errors"][0]["code"] == "media_type"


async def test_applying_replaces_or_adds_and_counts(ana: Caller) -> None:
    project = await ana.project("instagram-story", "instagram-square")
    await ana.headline(project)
    path = f"/v1/projects/{project['id']}"
    before = (await ana.get("/v1/templates/quote-card")).body
    told = await ana.post(
        f"{path}/apply-template", {"templateId": before["id"], "canvasIds": "all", "mode": "add"}
    )
    assert told.status == 200, told.body
    added = (await ana.get(f"{path}/elements")).body["items"]
    assert any(element["name"] == "Headline" for element in added)
    first = project["canvases"][0]["id"]
    told = await ana.post(
        f"{path}/apply-template", {"templateId": "quote-card", "canvasIds": [first]}
    )
    assert told.status == 200
    on_first = [
        e for e in (await ana.get(f"{path}/elements")).body["items"] if e["canvasId"] == first
    ]
    assert len(on_first) == len(before["templateData"]["layers"])
    whole = (await ana.get(path)).body
    background = before["templateData"]["canvas"]["backgroundColor"]
    assert whole["projectData"]["canvasConfig"][first]["backgroundColor"] == background
    after = (await ana.get("/v1/templates/quote-card")).body
    assert after["usageCount"] == before["usageCount"] + 2


async def test_every_shipped_template_applies_to_four_formats_without_new_errors(
    ana: Caller, house: House
) -> None:
    clip = await house.media("ana", "video/mp4", duration=8, has_audio=True)
    bad: list[str] = []
    for template in (await ana.get("/v1/templates?limit=100")).body["items"]:
        wanted = {
            p["id"]: f"media:{clip}" for p in template["placeholders"] if p["type"] == "video"
        }
        told = await ana.post(
            "/v1/projects",
            {
                "name": "T",
                "formats": FOUR,
                "templateId": template["id"],
                "placeholders": wanted,
            },
        )
        assert told.status == 201, (template["slug"], told.body)
        found = (await ana.get(f"/v1/projects/{told.body['id']}/preflight")).body["items"]
        bad += [
            f"{template['slug']}: {one['message']}" for one in found if one["severity"] == "error"
        ]
    assert bad == []


async def test_an_unknown_template_or_format_is_422(ana: Caller) -> None:
    body: Json = {"name": "x", "formats": ["instagram-story"], "templateId": "no-such-template"}
    assert (await ana.post("/v1/projects", body)).status == 422
    told = await ana.post("/v1/projects", {"name": "x", "formats": ["instagram-story", "nope"]})
    assert told.body["errors"][0]["pointer"] == "/formats/1"
    told = await ana.post("/v1/projects", {"name": "x", "formats": ["pinterest-idea-pin"]})
    assert told.status == 422
