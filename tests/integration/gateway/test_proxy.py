"""What passes the gateway, each way, and what stays outside."""

import asyncio
import time
from typing import Any

import aiohttp
from yarl import URL

from tests.support.site import PASSWORD, Person, Site


async def test_a_person_reaches_the_service_as_themselves_and_without_their_cookie(
    site: Site,
) -> None:
    person = await site.person()
    answer = await person.post("/v1/projects", {"name": "A"}, headers={"Idempotency-Key": "k1"})
    assert answer.status == 201
    seen = site.neighbour.seen[-1]
    assert seen["authorization"].startswith("Bearer ")
    assert seen["idempotency-key"] == "k1"
    assert seen["traceparent"]
    assert "cookie" not in seen
    assert "origin" not in seen
    assert person.cookie.split(".")[0] not in str(seen)


async def test_nothing_from_outside_can_pose_as_us(site: Site) -> None:
    person = await site.person()
    forged = {
        "Authorization": "Bearer x",
        "Multicanvas-After": "projects/x=99",
        "Multicanvas-Internal": "x",
        "Multicanvas-Actor": "x",
        "X-Forwarded-For": "203.0.113.9",
    }
    project = (await (await person.post("/v1/projects")).json())["id"]
    answer = await person.get(f"/v1/projects/{project}", headers=forged)
    assert answer.status == 200
    seen = site.neighbour.seen[-1]
    assert seen["authorization"] != "Bearer x"
    assert "projects/x=99" not in seen.get("multicanvas-after", "")
    assert not {"multicanvas-internal", "multicanvas-actor", "x-forwarded-for"} & set(seen)
    alone = await site.visitor(**forged).get(f"/v1/projects/{project}")
    assert alone.status == 401


async def test_what_a_person_wrote_is_read_by_them_from_then_on(site: Site) -> None:
    person = await site.person()
    first = (await (await person.post("/v1/projects")).json())["id"]
    await person.get(f"/v1/projects/{first}")
    after = site.neighbour.seen[-1]["multicanvas-after"].split(", ")
    assert set(after) == {f"identity/{person.id}=1", f"projects/{first}=1"}
    other = await site.person()
    await other.get(f"/v1/projects/{first}")
    assert site.neighbour.seen[-1]["multicanvas-after"] == f"identity/{other.id}=1"


async def test_paths_that_nobody_owns_are_404_problems(site: Site) -> None:
    person = await site.person()
    for path in (
        "/v1/nothing",
        "/internal/sessions/resolve",
        "/v1/me/../../internal/sessions/resolve",
        "/v1/me/%2e%2e/%2e%2e/internal/sessions/resolve",
        "/v1/media",
        "/",
    ):
        async with aiohttp.ClientSession() as raw:
            answer = await raw.get(URL(site.url + path, encoded=True))
        assert (answer.status, answer.content_type) == (404, "application/problem+json"), path
        said = await answer.json(content_type=None)
        assert said["type"] == "/problems/not-found"
    assert (await person.get("/v1/me")).status == 200


async def test_a_body_beyond_the_limit_is_413_however_it_is_sent(site: Site) -> None:
    person = await site.person()
    most = site.gateway.max_body_bytes
    too_much = b"x" * (most + 1)
    answer = await person.browser.post(f"{site.url}/v1/projects", data=too_much)
    assert answer.status == 413

    async def pieces() -> Any:
        for start in range(0, len(too_much), 1 << 20):
            yield too_much[start : start + (1 << 20)]

    answer = await person.browser.post(f"{site.url}/v1/projects", data=pieces())
    assert answer.status == 413
    assert answer.content_type == "application/problem+json"
    fits = await person.browser.post(f"{site.url}/v1/projects", data=b"x" * most)
    assert (await fits.json())["got"] == most


async def test_answers_are_passed_on_as_they_come(site: Site) -> None:
    started = time.monotonic()
    answer = await site.visitor().get("/v1/formats")
    first = await answer.content.readline()
    took = time.monotonic() - started
    assert first == b"0\n"
    assert await answer.content.read() == b"1\n2\n"
    assert took < 0.5


async def test_without_an_origin_of_ours_a_cookie_changes_nothing(site: Site) -> None:
    person = await site.person()
    cookie = {"Cookie": f"better-auth.session_token={person.cookie}"}
    async with aiohttp.ClientSession(headers=cookie) as page:
        for origin in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
            for method, path in (("POST", "/v1/projects"), ("DELETE", "/v1/me")):
                answer = await page.request(method, site.url + path, headers=origin)
                assert answer.status == 403
                assert answer.content_type == "application/problem+json"
        assert (await page.get(f"{site.url}/v1/me")).status == 200
        listed = {"Origin": "https://app.example.org"}
        assert (await page.post(f"{site.url}/v1/projects", headers=listed)).status == 201


async def test_cors_is_for_the_listed_origins_alone(site: Site) -> None:
    asked = {"Access-Control-Request-Method": "PATCH"}
    async with aiohttp.ClientSession() as page:
        answer = await page.options(
            f"{site.url}/v1/me", headers={"Origin": "https://app.example.org", **asked}
        )
        assert answer.status == 204
        assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example.org"
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
        assert "If-Match" in answer.headers["Access-Control-Allow-Headers"]
        answer = await page.get(f"{site.url}/v1/me", headers={"Origin": "https://app.example.org"})
        for name in ("ETag", "Multicanvas-Wrote", "RateLimit", "Retry-After"):
            assert name in answer.headers["Access-Control-Expose-Headers"]
        answer = await page.options(
            f"{site.url}/v1/me", headers={"Origin": "https://evil.example", **asked}
        )
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_a_signed_out_cookie_opens_nothing_at_once(site: Site) -> None:
    person = await site.person()
    kept = person.cookie
    assert (await person.get("/v1/me")).status == 200
    await person.post("/api/auth/sign-out")
    thief = site.visitor(Cookie=f"better-auth.session_token={kept}")
    assert (await thief.get("/v1/me")).status == 401


async def test_a_session_revoked_elsewhere_is_dropped_by_the_event(site: Site) -> None:
    here = await site.person()
    there = await _second_session(site, here)
    assert (await there.get("/v1/me")).status == 200
    started = time.monotonic()
    await here.post("/api/auth/revoke-other-sessions")
    while (await there.get("/v1/me")).status != 401:
        assert time.monotonic() - started < 3, "the cache would forget by itself after five"
        await asyncio.sleep(0.02)


async def test_the_pages_of_the_gateway_answer(site: Site) -> None:
    visitor = site.visitor()
    assert (await visitor.get("/livez")).status == 200
    ready = await (await visitor.get("/readyz")).json()
    assert set(ready["checks"]) == {"database", "bus", "identity", "projects"}
    assert "multicanvas_http_request_seconds" in await (await visitor.get("/metrics")).text()
    docs = await visitor.get("/docs")
    assert "https://" not in await docs.text()
    problem = await (await visitor.get("/problems/not-found")).json()
    assert problem["title"]
    assert (await visitor.get("/problems/No%20such")).status == 404


async def test_one_document_describes_every_service(site: Site) -> None:
    document = await (await site.visitor().get("/openapi.json")).json()
    assert document["openapi"] == "3.1.0"
    paths = document["paths"]
    assert {"/api/auth/sign-in/email", "/v1/me", "/v1/projects/{project_id}/live"} <= set(paths)
    assert not any(path.startswith(("/internal", "/livez", "/readyz")) for path in paths)
    for ref in _refs(document):
        place: Any = document
        for part in ref.removeprefix("#/").split("/"):
            place = place[part]
    operations = [one["operationId"] for item in paths.values() for one in item.values()]
    assert len(operations) == len(set(operations))


async def test_local_files_are_served_by_signature_only(site: Site) -> None:
    answer = await site.visitor().get("/v1/files/multicanvas-media/a.png?exp=1&kid=1&sig=x")
    assert answer.status == 404


def _refs(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [ref for member in value.values() for ref in _refs(member)]
    if isinstance(value, list):
        return [ref for member in value for ref in _refs(member)]
    return []


async def _second_session(site: Site, person: Person) -> Person:
    other = site.visitor()
    body = {"email": person.user["email"], "password": PASSWORD}
    assert (await other.post("/api/auth/sign-in/email", body)).status == 200
    return other
