"""What the whole system says to bad input: clear, and nothing is lost or kept by mistake."""

from typing import Any
from uuid import uuid4

import pytest

from multicanvas.demo.client import Gateway
from multicanvas.demo.story import MEDIA
from tests.e2e.conftest import PASSWORD, sign_up

NOBODY = str(uuid4())


async def project_of(gateway: Gateway, *formats: str) -> dict[str, Any]:
    wanted = list(formats) or ["instagram-story", "instagram-square"]
    return await gateway.post("/v1/projects", {"name": "Canvas test", "formats": wanted})


def is_problem(status: int, body: dict[str, Any]) -> None:
    assert body["status"] == status
    assert body["type"].startswith("/problems/")
    assert body["title"]
    assert body["traceId"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/formats/no-such-format", None),
        ("GET", f"/v1/templates/{NOBODY}", None),
        ("GET", f"/v1/projects/{NOBODY}", None),
        ("GET", f"/v1/exports/{NOBODY}", None),
        ("GET", f"/v1/media/{NOBODY}", None),
        ("GET", f"/v1/ai/generations/{NOBODY}", None),
        ("GET", f"/v1/analytics/projects/{NOBODY}", None),
        ("POST", f"/v1/projects/{NOBODY}/elements", {"canvasId": NOBODY, "type": "text"}),
        ("GET", "/v1/no-such-resource", None),
    ],
)
async def test_what_is_not_there_is_a_404(
    gateway: Gateway, method: str, path: str, body: dict[str, Any] | None
) -> None:
    status, answer = await gateway.refused(method, path, body)
    assert status == 404, answer
    is_problem(404, answer)


async def test_a_project_of_an_unknown_format_or_template_is_refused(gateway: Gateway) -> None:
    for body in (
        {"name": "x", "formats": ["no-such-format"]},
        {"name": "x", "formats": ["instagram-story"], "templateId": NOBODY},
    ):
        status, answer = await gateway.refused("POST", "/v1/projects", body)
        assert status in (404, 422), answer
        is_problem(status, answer)


async def test_a_wrong_type_or_range_names_the_member(gateway: Gateway) -> None:
    project = await project_of(gateway)
    canvas = project["canvases"][0]["id"]
    element = {
        "canvasId": canvas,
        "type": "text",
        "name": "Headline",
        "x": 100,
        "y": 300,
        "width": 800,
        "height": 200,
        "startTime": 0,
        "duration": 5,
        "properties": {"text": {"content": "Hi", "fontSize": "large"}},
    }
    path = f"/v1/projects/{project['id']}/elements"
    status, answer = await gateway.refused("POST", path, element)
    assert status == 422, answer
    assert any("fontSize" in error["pointer"] for error in answer["errors"])
    status, answer = await gateway.refused(
        "POST", path, {**element, "opacity": 7, "properties": {}}
    )
    assert status == 422, answer
    status, answer = await gateway.refused("POST", "/v1/projects", {"name": 3})
    assert status == 422, answer
    assert {error["pointer"] for error in answer["errors"]} >= {"/name"}


async def test_the_same_address_signs_up_only_once(gateway: Gateway) -> None:
    email = f"twice-{uuid4().hex[:8]}@example.org"
    await sign_up(gateway, email)
    status, answer = await gateway.refused(
        "POST", "/api/auth/sign-up/email", {"name": "B", "email": email, "password": PASSWORD}
    )
    assert status == 422
    assert answer["code"] == "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"


async def test_a_file_that_is_not_what_it_says_is_refused_and_not_kept(gateway: Gateway) -> None:
    content = (MEDIA / "coffee.png").read_bytes()
    body = {"filename": "clip.mp4", "mimeType": "video/mp4", "fileSize": len(content)}
    ticket = await gateway.post("/v1/media/uploads", body)
    await gateway.put_bytes(ticket, "clip.mp4", "video/mp4", content)
    path = f"/v1/media/uploads/{ticket['id']}/complete"
    status, answer = await gateway.refused("POST", path)
    assert status == 422, answer
    assert "video/mp4" in answer["detail"]
    status, _ = await gateway.refused("GET", f"/v1/media/{ticket['mediaId']}")
    assert status == 404
    assert (await gateway.get("/v1/media"))["items"] == []


async def test_an_export_that_preflight_blocks_tells_the_findings(gateway: Gateway) -> None:
    project = await project_of(gateway, "instagram-square")
    settings = {
        "format": "mp4",
        "quality": "high",
        "resolution": {"width": 1080, "height": 1080},
    }
    status, answer = await gateway.refused(
        "POST",
        f"/v1/projects/{project['id']}/exports",
        {"canvasIds": "all", "settings": settings},
    )
    assert status == 409, answer
    assert answer["findings"]
    assert (await gateway.get("/v1/exports"))["items"] == []


async def test_nobody_sees_or_changes_the_project_of_another(gateway: Gateway, system: Any) -> None:
    project = await project_of(gateway)
    path = f"/v1/projects/{project['id']}"
    async with Gateway.open(system.url) as stranger:
        status, _ = await stranger.refused("GET", path)
        assert status == 401
        await sign_up(stranger)
        for method, suffix, body in (
            ("GET", "", None),
            ("PATCH", "", {"name": "mine"}),
            ("DELETE", "", None),
            ("GET", "/events", None),
            ("GET", "/elements", None),
            ("GET", "/preflight", None),
            ("POST", "/ai/text", {"prompt": "forest"}),
            ("POST", "/exports", {"canvasIds": "all", "settings": {}}),
        ):
            status, _ = await stranger.refused(method, path + suffix, body)
            assert status in (404, 422), (method, suffix, status)
    assert (await gateway.get(path))["name"] == "Canvas test"
