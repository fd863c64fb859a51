"""Who may knock, from where, and how often."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import pytest

from identity.app import build
from runtime.service import run
from tests.support.site import PASSWORD, Site, free_port, new_email, until_ready

SIGN_IN = "/api/auth/sign-in/email"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Origin": "https://evil.example"}, "INVALID_ORIGIN"),
        ({"Origin": "null"}, "MISSING_OR_NULL_ORIGIN"),
        ({}, "MISSING_OR_NULL_ORIGIN"),
        ({"Referer": "https://evil.example/page"}, "INVALID_ORIGIN"),
    ],
)
async def test_with_a_cookie_the_origin_must_be_ours(
    site: Site, headers: dict[str, str], code: str
) -> None:
    person = await site.person()
    cookie = {"Cookie": f"better-auth.session_token={person.cookie}"}
    async with aiohttp.ClientSession() as browser:
        answer = await browser.post(
            f"{site.url}/api/auth/update-user", json={"name": "X"}, headers={**cookie, **headers}
        )
        assert answer.status == 403
        assert (await answer.json(content_type=None))["code"] == code


async def test_a_listed_origin_and_a_script_without_any_may_sign_in(site: Site) -> None:
    person = await site.person()
    body = {"email": person.user["email"], "password": PASSWORD}
    async with aiohttp.ClientSession() as script:
        assert (await script.post(site.url + SIGN_IN, json=body)).status == 200
    async with aiohttp.ClientSession(headers={"Origin": "https://app.example.org"}) as page:
        assert (await page.post(site.url + SIGN_IN, json=body)).status == 200


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Origin": "https://evil.example"}, "INVALID_ORIGIN"),
        ({"Sec-Fetch-Mode": "cors"}, "MISSING_OR_NULL_ORIGIN"),
        (
            {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
            "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED",
        ),
    ],
)
async def test_a_foreign_page_cannot_sign_anybody_in(
    site: Site, headers: dict[str, str], code: str
) -> None:
    async with aiohttp.ClientSession(headers=headers) as page:
        body = {"email": new_email(), "password": PASSWORD}
        answer = await page.post(site.url + SIGN_IN, json=body)
        assert answer.status == 403
        assert (await answer.json(content_type=None))["code"] == code


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/a%2f/evil", "javascript:x"],
)
async def test_a_redirect_leads_to_our_own_pages_only(site: Site, url: str) -> None:
    person = await site.person()
    body = {"email": person.user["email"], "password": PASSWORD, "callbackURL": url}
    answer = await site.visitor().post(SIGN_IN, body)
    assert answer.status == 403
    assert (await answer.json(content_type=None))["code"] == "INVALID_CALLBACK_URL"


async def test_a_good_redirect_is_told_not_made(site: Site) -> None:
    person = await site.person()
    body = {"email": person.user["email"], "password": PASSWORD, "callbackURL": "/home?a=1"}
    said = await (await site.visitor().post(SIGN_IN, body)).json()
    assert (said["redirect"], said["url"]) == (True, "/home?a=1")


async def test_the_address_is_the_gateways_word_and_nobody_elses(site: Site) -> None:
    person = await site.person()
    forged = {
        "X-Forwarded-For": "203.0.113.9",
        "Multicanvas-Client-Address": "203.0.113.9",
        "Multicanvas-Internal": "guess",
    }
    visitor = site.visitor(**forged)
    body = {"email": person.user["email"], "password": PASSWORD}
    await visitor.post(SIGN_IN, body)
    said = await (await visitor.get("/api/auth/get-session")).json()
    assert said["session"]["ipAddress"] == "127.0.0.0"


async def test_knocking_too_often_is_told_to_wait_in_better_auths_words(site: Site) -> None:
    async with _strict_identity(site) as url, aiohttp.ClientSession() as script:
        body = {"email": new_email(), "password": PASSWORD}
        answers = [await script.post(url + SIGN_IN, json=body) for _ in range(4)]
        assert [answer.status for answer in answers] == [401, 401, 401, 429]
        said = await answers[3].json(content_type=None)
        assert said["message"] == "Too many requests. Please try again later."
        assert "code" not in said
        assert 1 <= int(answers[3].headers["X-Retry-After"]) <= 10
        assert answers[3].headers["Retry-After"] == answers[3].headers["X-Retry-After"]
        assert (await script.get(f"{url}/api/auth/get-session")).status == 200


async def test_one_accounts_password_is_guarded_from_many_addresses(site: Site) -> None:
    async with _strict_identity(site) as url, aiohttp.ClientSession() as script:
        body = {"email": new_email(), "password": PASSWORD}
        statuses: list[int] = []
        for number in range(12):
            from_there = {
                "Multicanvas-Internal": site.internal_secret,
                "Multicanvas-Client-Address": f"192.0.2.{number}",
            }
            answer = await script.post(url + SIGN_IN, json=body, headers=from_there)
            statuses.append(answer.status)
        assert statuses == [401] * 10 + [429] * 2


@asynccontextmanager
async def _strict_identity(site: Site) -> AsyncGenerator[str]:
    """Another identity on the same database, counting as in production."""
    port = free_port()
    changed = site.identity.model_copy(update={"http_port": port, "rate_limits": "on"})
    service = replace(await build(changed), tasks={})
    stop = asyncio.Event()
    running = asyncio.create_task(run([service], stop))
    url = f"http://127.0.0.1:{port}"
    await until_ready(url, running)
    try:
        yield url
    finally:
        stop.set()
        await running
