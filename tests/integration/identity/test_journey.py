"""From signing up to being forgotten, over the wire, with exactly the bodies that clients read."""

import re
from typing import Any

from tests.support.site import PASSWORD, Site, new_email

USER = {"id", "name", "email", "emailVerified", "image", "createdAt", "updatedAt"}
SESSION = {
    "id",
    "token",
    "userId",
    "expiresAt",
    "createdAt",
    "updatedAt",
    "ipAddress",
    "userAgent",
}
THREE_DIGITS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


async def test_signing_up_gives_a_user_a_session_and_a_signed_cookie(site: Site) -> None:
    visitor = site.visitor()
    email = new_email()
    body = {"name": "Ana", "email": email.upper(), "password": PASSWORD}
    answer = await visitor.post("/api/auth/sign-up/email", body)
    assert answer.status == 200
    said = await answer.json()
    assert set(said) == {"token", "user"}
    assert set(said["user"]) == USER
    assert said["user"]["email"] == email
    assert said["user"]["emailVerified"] is False
    assert said["user"]["image"] is None
    assert THREE_DIGITS.fullmatch(said["user"]["createdAt"])
    cookie = answer.headers.getall("set-cookie")
    assert len(cookie) == 1
    assert re.fullmatch(
        r"better-auth\.session_token=[A-Za-z0-9]{43}\.[^;]+; Max-Age=604800; Path=/; HttpOnly; "
        r"SameSite=Lax",
        cookie[0],
    )
    assert answer.headers["Multicanvas-Wrote"] == f"identity/{said['user']['id']}=1"
    assert "Multicanvas-Actor" not in answer.headers


async def test_get_session_shows_session_and_user_and_never_the_token(site: Site) -> None:
    person = await site.person()
    answer = await person.get("/api/auth/get-session")
    said = await answer.json()
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert set(said) == {"session", "user"}
    assert set(said["session"]) == SESSION
    assert said["user"] == person.user
    assert said["session"]["userId"] == person.id
    assert said["session"]["ipAddress"] == "127.0.0.0"
    assert THREE_DIGITS.fullmatch(said["session"]["expiresAt"])
    token = person.cookie.split(".")[0]
    assert token not in await answer.text()


async def test_nobody_is_null_and_not_an_error(site: Site) -> None:
    answer = await site.visitor().get("/api/auth/get-session")
    assert (answer.status, await answer.text()) == (200, "null")


async def test_signing_out_ends_the_session_and_expires_the_cookies(site: Site) -> None:
    person = await site.person()
    cookie = person.cookie
    answer = await person.post("/api/auth/sign-out")
    assert (answer.status, await answer.json()) == (200, {"success": True})
    expired = answer.headers.getall("set-cookie")
    names = {"session_token", "session_data", "dont_remember"}
    assert {one.split("=")[0] for one in expired} == {f"better-auth.{name}" for name in names}
    assert all("; Max-Age=0; Path=/" in one for one in expired)
    again = site.visitor(Cookie=f"better-auth.session_token={cookie}")
    after = await again.get("/api/auth/get-session")
    assert await after.text() == "null"
    assert len(after.headers.getall("set-cookie")) == 3


async def test_a_forged_cookie_is_nobody_and_nothing_is_expired(site: Site) -> None:
    person = await site.person()
    token = person.cookie.split(".")[0]
    forger = site.visitor(Cookie=f"better-auth.session_token={token}.{'A' * 43}%3D")
    answer = await forger.get("/api/auth/get-session")
    assert await answer.text() == "null"
    assert "set-cookie" not in answer.headers


async def test_an_address_can_be_taken_once(site: Site) -> None:
    person = await site.person()
    body = {"name": "Bo", "email": person.user["email"], "password": PASSWORD}
    answer = await site.visitor().post("/api/auth/sign-up/email", body)
    await _refused(answer, 422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL")


async def test_the_wrong_password_and_the_unknown_address_are_told_alike(site: Site) -> None:
    person = await site.person()
    said: list[Any] = []
    for email, password in ((person.user["email"], PASSWORD + "!"), (new_email(), PASSWORD)):
        body = {"email": email, "password": password}
        answer = await site.visitor().post("/api/auth/sign-in/email", body)
        said.append(await _refused(answer, 401, "INVALID_EMAIL_OR_PASSWORD"))
    assert {**said[0], "traceId": ""} == {**said[1], "traceId": ""}


async def test_signing_in_without_being_remembered_sets_cookies_without_age(site: Site) -> None:
    person = await site.person()
    body = {"email": person.user["email"], "password": PASSWORD, "rememberMe": False}
    answer = await site.visitor().post("/api/auth/sign-in/email", body)
    said = await answer.json()
    assert said["redirect"] is False
    assert set(said) == {"redirect", "token", "user"}
    cookies = answer.headers.getall("set-cookie")
    assert [one.split("=")[0] for one in cookies] == [
        "better-auth.session_token",
        "better-auth.dont_remember",
    ]
    assert not any("Max-Age" in one for one in cookies)


async def test_forms_may_sign_in_and_nothing_else_may_be_a_form(site: Site) -> None:
    person = await site.person()
    fields = {"email": person.user["email"], "password": PASSWORD}
    visitor = site.visitor()
    answer = await visitor.browser.post(f"{site.url}/api/auth/sign-in/email", data=fields)
    assert answer.status == 200
    answer = await person.browser.post(f"{site.url}/api/auth/update-user", data={"name": "X"})
    await _refused(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


async def test_malformed_bodies_have_better_auths_codes(site: Site) -> None:
    visitor = site.visitor()
    url = f"{site.url}/api/auth/sign-in/email"
    json = {"Content-Type": "application/json"}
    await _refused(await visitor.browser.post(url, data="{", headers=json), 400, "BAD_REQUEST")
    await _refused(await visitor.post("/api/auth/sign-in/email"), 400, "VALIDATION_ERROR")
    body = {"email": "nobody", "password": PASSWORD}
    await _refused(await visitor.post("/api/auth/sign-in/email", body), 400, "INVALID_EMAIL")
    body = {"name": "Ana", "email": new_email(), "password": "short"}
    await _refused(await visitor.post("/api/auth/sign-up/email", body), 400, "PASSWORD_TOO_SHORT")
    body = {"name": "Ana", "email": new_email(), "password": "x" * 129}
    await _refused(await visitor.post("/api/auth/sign-up/email", body), 400, "PASSWORD_TOO_LONG")


async def test_unknown_paths_verbs_and_spellings_are_404_without_a_word(site: Site) -> None:
    visitor = site.visitor()
    for method, path in (
        ("GET", "/api/auth/nothing"),
        ("GET", "/api/auth/sign-in/email"),
        ("GET", "/api/auth/get-session/"),
        ("GET", "/api/auth//get-session"),
        ("OPTIONS", "/api/auth/get-session"),
    ):
        answer = await visitor.browser.request(method, site.url + path, allow_redirects=False)
        assert (answer.status, await answer.read()) == (404, b""), path


async def test_sessions_are_listed_by_handle_and_revoked_by_it(site: Site) -> None:
    here = await site.person()
    there = site.visitor()
    body = {"email": here.user["email"], "password": PASSWORD}
    await there.post("/api/auth/sign-in/email", body)
    listed = await (await here.get("/api/auth/list-sessions")).json()
    assert len(listed) == 2
    own = (await (await here.get("/api/auth/get-session")).json())["session"]
    assert own in listed
    other = next(one["token"] for one in listed if one["token"] != own["token"])
    as_cookie = site.visitor(Cookie=f"better-auth.session_token={other}")
    assert await (await as_cookie.get("/api/auth/get-session")).text() == "null"
    answer = await here.post("/api/auth/revoke-session", {"token": other})
    assert await answer.json() == {"status": True}
    assert await (await there.get("/api/auth/get-session")).text() == "null"
    assert await (await here.get("/api/auth/get-session")).text() != "null"


async def test_a_foreign_handle_is_left_alone(site: Site) -> None:
    ana, bo = await site.person(), await site.person()
    own = (await (await bo.get("/api/auth/get-session")).json())["session"]["token"]
    answer = await ana.post("/api/auth/revoke-session", {"token": own})
    assert (answer.status, await answer.json()) == (200, {"status": True})
    assert await (await bo.get("/api/auth/get-session")).text() != "null"


async def test_all_other_sessions_end_together(site: Site) -> None:
    here = await site.person()
    there = site.visitor()
    await there.post("/api/auth/sign-in/email", {"email": here.user["email"], "password": PASSWORD})
    assert (await here.post("/api/auth/revoke-other-sessions")).status == 200
    assert await (await there.get("/api/auth/get-session")).text() == "null"
    answer = await here.post("/api/auth/revoke-sessions")
    assert len(answer.headers.getall("set-cookie")) == 3
    await _refused(await here.get("/api/auth/list-sessions"), 401, "UNAUTHORIZED")


async def test_name_and_picture_change_and_the_address_does_not(site: Site) -> None:
    person = await site.person()
    change = {"name": "Ana B", "image": "https://example.org/a.png", "unknown": 1}
    answer = await person.post("/api/auth/update-user", change)
    assert await answer.json() == {"status": True}
    assert "better-auth.session_token=" in answer.headers["set-cookie"]
    user = (await (await person.get("/api/auth/get-session")).json())["user"]
    assert (user["name"], user["image"]) == ("Ana B", "https://example.org/a.png")
    await person.post("/api/auth/update-user", {"image": None})
    user = (await (await person.get("/api/auth/get-session")).json())["user"]
    assert user["image"] is None
    answer = await person.post("/api/auth/update-user", {"email": new_email()})
    await _refused(answer, 400, "EMAIL_CAN_NOT_BE_UPDATED")
    assert (await person.get("/api/auth/update-user")).status == 404


async def test_a_new_password_can_end_every_session(site: Site) -> None:
    here = await site.person()
    there = site.visitor()
    sign_in = {"email": here.user["email"], "password": PASSWORD}
    await there.post("/api/auth/sign-in/email", sign_in)
    wrong = {"currentPassword": "wrong password", "newPassword": "another password"}
    await _refused(await here.post("/api/auth/change-password", wrong), 400, "INVALID_PASSWORD")
    kept = {"currentPassword": PASSWORD, "newPassword": "another password"}
    said = await (await here.post("/api/auth/change-password", kept)).json()
    assert said["token"] is None
    back = {
        "currentPassword": "another password",
        "newPassword": PASSWORD + "2",
        "revokeOtherSessions": True,
    }
    before = here.cookie
    said = await (await here.post("/api/auth/change-password", back)).json()
    assert said["token"] is not None
    assert here.cookie != before
    assert await (await there.get("/api/auth/get-session")).text() == "null"
    assert await (await here.get("/api/auth/get-session")).text() != "null"
    await _refused(
        await site.visitor().post("/api/auth/sign-in/email", sign_in),
        401,
        "INVALID_EMAIL_OR_PASSWORD",
    )


async def test_accounts_are_listed_without_their_secrets(site: Site) -> None:
    person = await site.person()
    said = await (await person.get("/api/auth/list-accounts")).json()
    assert len(said) == 1
    assert set(said[0]) == {
        "id",
        "providerId",
        "accountId",
        "userId",
        "scopes",
        "createdAt",
        "updatedAt",
    }
    assert (said[0]["providerId"], said[0]["accountId"]) == ("credential", person.id)


async def test_a_day_used_moves_the_end_of_the_session(site: Site) -> None:
    person = await site.person()
    before = (await (await person.get("/api/auth/get-session")).json())["session"]
    await _age(site, person.id, "expires_at = expires_at - interval '25 hours'")
    answer = await person.get("/api/auth/get-session?disableRefresh=true")
    assert "set-cookie" not in answer.headers
    answer = await person.get("/api/auth/get-session")
    after = (await answer.json())["session"]
    assert "Max-Age=604800" in answer.headers["set-cookie"]
    assert after["token"] == before["token"]
    assert after["expiresAt"] >= before["expiresAt"]
    assert "set-cookie" not in (await person.get("/api/auth/get-session")).headers


async def test_a_session_that_is_not_remembered_never_lives_longer(site: Site) -> None:
    person = await site.person(rememberMe=False)
    before = (await (await person.get("/api/auth/get-session")).json())["session"]
    without_the_mark = site.visitor(Cookie=f"better-auth.session_token={person.cookie}")
    answer = await without_the_mark.get("/api/auth/get-session")
    assert "set-cookie" not in answer.headers
    assert (await answer.json())["session"]["expiresAt"] == before["expiresAt"]


async def test_an_old_session_lists_nothing_and_deletes_nobody(site: Site) -> None:
    person = await site.person()
    await _age(site, person.id, "created_at = created_at - interval '25 hours'")
    await _refused(await person.get("/api/auth/list-sessions"), 403, "SESSION_NOT_FRESH")
    await _refused(await person.post("/api/auth/delete-user"), 400, "SESSION_EXPIRED")


async def test_an_expired_session_is_dead_and_swept(site: Site) -> None:
    person = await site.person()
    await _age(site, person.id, "expires_at = now() - interval '1 second'")
    assert await (await person.get("/api/auth/get-session")).text() == "null"


async def _age(site: Site, user_id: str, change: str) -> None:
    pool = site.databases["identity"].pools.worker
    await pool.execute(f"update sessions set {change} where user_id = $1", user_id)


async def _refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status == status, await answer.text()
    said = await answer.json(content_type=None)
    assert answer.content_type == "application/problem+json"
    assert said["code"] == code
    assert said["message"]
    assert said["status"] == status
    assert said["type"].startswith("/problems/")
    return said
