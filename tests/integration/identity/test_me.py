"""`/v1/me` and what the gateway alone may ask."""

import asyncio

import aiohttp

from auth.tokens import TokenVerifier
from tests.support.site import PASSWORD, Site, new_email


async def test_one_call_tells_who_i_am(site: Site) -> None:
    person = await site.person()
    answer = await person.get("/v1/me")
    assert await answer.json() == {"user": person.user, "operator": False}


async def test_without_a_session_it_is_a_401_problem(site: Site) -> None:
    answer = await site.visitor().get("/v1/me")
    said = await answer.json(content_type=None)
    assert (answer.status, answer.content_type) == (401, "application/problem+json")
    assert said["type"] == "/problems/unauthorized"


async def test_only_what_is_sent_changes(site: Site) -> None:
    person = await site.person(image="https://example.org/a.png")
    url = f"{site.url}/v1/me"
    answer = await person.browser.patch(url, json={"name": "Ana B"})
    said = await answer.json()
    assert answer.status == 200
    assert answer.headers["ETag"] == '"2"'
    assert answer.headers["Multicanvas-Wrote"] == f"identity/{person.id}=2"
    assert (said["user"]["name"], said["user"]["image"]) == ("Ana B", "https://example.org/a.png")
    assert (await (await person.get("/v1/me")).json())["user"] == said["user"]
    answer = await person.browser.patch(url, json={"image": None})
    assert (await answer.json())["user"]["image"] is None


async def test_what_breaks_a_rule_is_refused_by_name(site: Site) -> None:
    person = await site.person()
    url = f"{site.url}/v1/me"
    for body in ({"name": " "}, {"name": None}, {"image": "http://example.org"}, {"email": "x"}):
        answer = await person.browser.patch(url, json=body)
        assert answer.status == 422, body
        assert answer.content_type == "application/problem+json"


async def test_the_same_key_gives_the_same_answer_and_one_event(site: Site) -> None:
    person = await site.person()
    key = {"Idempotency-Key": "once"}
    url = f"{site.url}/v1/me"
    first = await person.browser.patch(url, json={"name": "Once"}, headers=key)
    again = await person.browser.patch(url, json={"name": "Once"}, headers=key)
    assert await first.json() == await again.json()
    assert again.headers["ETag"] == '"2"'
    other = await person.browser.patch(url, json={"name": "Twice"}, headers=key)
    assert other.status == 422


async def test_deleting_me_ends_everything(site: Site) -> None:
    person = await site.person()
    answer = await person.browser.delete(f"{site.url}/v1/me")
    assert answer.status == 204
    for _ in range(50):
        if (await person.get("/v1/me")).status == 401:
            break
        await asyncio.sleep(0.1)
    assert (await person.get("/v1/me")).status == 401
    assert await (await person.get("/api/auth/get-session")).text() == "null"


async def test_an_old_session_cannot_delete_its_user(site: Site) -> None:
    person = await site.person()
    await site.databases["identity"].pools.worker.execute(
        "update sessions set created_at = now() - interval '2 days' where user_id = $1", person.id
    )
    assert (await person.browser.delete(f"{site.url}/v1/me")).status == 403


async def test_an_operator_is_named_by_the_installation(site: Site) -> None:
    person = site.visitor()
    body = {"name": "Op", "email": "operator@example.org", "password": PASSWORD}
    assert (await person.post("/api/auth/sign-up/email", body)).status == 200
    assert (await (await person.get("/v1/me")).json())["operator"] is True


async def test_resolving_needs_the_internal_secret_and_is_never_reached_from_outside(
    site: Site,
) -> None:
    person = await site.person()
    body = {"cookie": person.cookie}
    for url in (site.identity_url, site.url):
        async with aiohttp.ClientSession() as outside:
            answer = await outside.post(f"{url}/internal/sessions/resolve", json=body)
            assert answer.status == 404


async def test_resolving_gives_a_token_per_service_that_no_other_believes(site: Site) -> None:
    person = await site.person()
    said = await _resolve(site, person.cookie)
    assert said["user"]["id"] == person.id
    assert set(said["tokens"]) == {
        "projects",
        "ai",
        "media",
        "render",
        "analytics",
        "identity",
        "gateway",
    }
    keys = site.identity.token_public_keys
    actor = TokenVerifier(keys, "projects").verify(said["tokens"]["projects"])
    assert (actor.user_id, actor.session_id) == (person.id, said["session"]["id"])
    assert not actor.operator
    assert (await _resolve(site, "nonsense"))["session"] is None


async def test_signing_up_twice_at_once_makes_one_user(site: Site) -> None:
    body = {"name": "Ana", "email": new_email(), "password": PASSWORD}
    answers = await asyncio.gather(
        *(site.visitor().post("/api/auth/sign-up/email", body) for _ in range(4))
    )
    assert sorted(answer.status for answer in answers) == [200, 422, 422, 422]


async def _resolve(site: Site, cookie: str) -> dict[str, dict[str, str]]:
    headers = {"Multicanvas-Internal": site.internal_secret}
    async with aiohttp.ClientSession(headers=headers) as gateway:
        url = f"{site.identity_url}/internal/sessions/resolve"
        answer = await gateway.post(url, json={"cookie": cookie})
        assert answer.status == 200
        return await answer.json()
