"""The gateway's memory and manners, without a server."""

import asyncio
from typing import Any, cast

import pytest
from multidict import CIMultiDict

from gateway.adapters.addresses import Addresses
from gateway.adapters.headers import inwards, outwards
from gateway.adapters.hub import Hub, Live, Subscriber
from gateway.adapters.openapi import merge
from gateway.adapters.sessions import Sessions, cookie_of
from gateway.adapters.upstream import Upstream
from gateway.adapters.written import WrittenHere, read_wrote
from runtime.problems import Unavailable


class Identity:
    """Answers like `/internal/sessions/resolve`; counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.status = 200
        self.wait: asyncio.Event | None = None

    async def post_json(self, *_: Any, **__: Any) -> tuple[int, Any]:
        self.asked += 1
        if self.wait:
            await self.wait.wait()
        found = {"session": {"id": "s1"}, "user": {"id": "u1"}, "tokens": {"projects": "t"}}
        return self.status, found


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def given_sessions() -> tuple[Sessions, Identity, Clock]:
    identity, clock = Identity(), Clock()
    return Sessions(cast(Upstream, identity), "secret", clock), identity, clock


async def test_a_session_is_asked_for_once_in_five_seconds() -> None:
    sessions, identity, clock = given_sessions()
    first, second = await asyncio.gather(sessions.of("c"), sessions.of("c"))
    assert first == second
    assert first is not None
    clock.now = 4.9
    await sessions.of("c")
    assert identity.asked == 1
    clock.now = 5.1
    await sessions.of("c")
    assert identity.asked == 2


async def test_an_ended_session_is_dropped_at_once_also_while_being_asked_for() -> None:
    sessions, identity, _ = given_sessions()
    await sessions.of("c")
    identity.wait = asyncio.Event()
    asking = asyncio.create_task(sessions.of("other"))
    await asyncio.sleep(0)
    sessions.end_session("s1")
    identity.wait.set()
    assert await asking is None
    assert await sessions.of("c") is None


async def test_a_deleted_user_has_no_session_left() -> None:
    sessions, _, _ = given_sessions()
    await sessions.of("c")
    sessions.end_user("u1")
    assert await sessions.of("c") is None


async def test_identity_answering_badly_is_an_outage_not_nobody() -> None:
    sessions, identity, _ = given_sessions()
    identity.status = 500
    with pytest.raises(Unavailable):
        await sessions.of("c")


async def test_the_highest_version_written_is_sent_for_a_minute() -> None:
    clock = Clock()
    written = WrittenHere(clock)
    await written.note("u", read_wrote("projects/a=3, projects/b=1"))
    await written.note("u", read_wrote("projects/a=2"))
    assert set((await written.after("u")).split(", ")) == {"projects/a=3", "projects/b=1"}
    assert await written.after("other") == ""
    clock.now = 61
    assert await written.after("u") == ""


@pytest.mark.parametrize("header", [None, "", "nonsense", "projects/a", "projects/a=x", "a=1"])
def test_what_does_not_look_like_a_write_is_left_out(header: str | None) -> None:
    assert read_wrote(header) == {}


def test_forwarded_addresses_are_believed_from_our_own_proxies_only() -> None:
    assert Addresses("").client("127.0.0.1", "203.0.113.9") == "127.0.0.1"
    proxied = Addresses("10.0.0.0/8,127.0.0.1")
    assert proxied.client("127.0.0.1", "203.0.113.9") == "203.0.113.9"
    assert proxied.client("127.0.0.1", "198.51.100.1, 203.0.113.9, 10.1.1.1") == "203.0.113.9"
    assert proxied.client("203.0.113.5", "198.51.100.1") == "203.0.113.5"


def test_headers_pass_by_a_list_and_cookies_only_for_signing_in() -> None:
    given = CIMultiDict(
        {
            "Cookie": "a=b",
            "Authorization": "Bearer x",
            "Multicanvas-Internal": "x",
            "If-Match": '"1"',
            "X-Forwarded-For": "x",
        }
    )
    assert dict(inwards(given, auth=False)) == {"if-match": '"1"'}
    assert set(inwards(given, auth=True)) == {"if-match", "cookie"}
    answered = [("Set-Cookie", "a"), ("Set-Cookie", "b"), ("Multicanvas-Actor", "u"), ("ETag", "1")]
    assert outwards(answered, auth=False, length=None) == [(b"etag", b"1")]
    assert [name for name, _ in outwards(answered, auth=True, length="0")] == [
        b"set-cookie",
        b"set-cookie",
        b"etag",
        b"content-length",
    ]


def test_a_cookie_is_found_by_its_whole_name() -> None:
    assert cookie_of("xa=1; a=2; b=3", "a") == "2"
    assert cookie_of("xa=1", "a") is None
    assert cookie_of(None, "a") is None


def test_a_full_place_sends_the_reader_back_to_the_store() -> None:
    subscriber = Subscriber("u", "p")
    for version in range(1, 300):
        subscriber.tell(Live("x", {}, version))
    assert subscriber.missed
    assert len(subscriber.take()) <= 256


def test_the_hub_forgets_who_left() -> None:
    hub = Hub()
    with hub.subscribed(Subscriber("u", "p")), hub.subscribed(Subscriber("u")):
        assert len(hub.of_user("u")) == 2
        assert len(hub.of_user("u", feed_only=True)) == 1
        assert hub.feed_users() == ["u"]
    assert (hub.of_project("p"), hub.of_user("u"), hub.feed_users()) == ([], [], [])


def document(schema: dict[str, Any], path: str) -> dict[str, Any]:
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}}
    names = [part.strip("{}") for part in path.split("/") if part.startswith("{")]
    told = {
        "operationId": "readItem",
        "parameters": [{"name": name, "in": "path"} for name in names],
        "responses": {"200": body},
    }
    return {"paths": {path: {"get": told}}, "components": {"schemas": {"Item": schema}}}


def test_documents_merge_without_clashes() -> None:
    media = document({"type": "string"}, "/v1/things/{id}")
    projects = document({"type": "number"}, "/v1/things/{thingId}/parts/{id}")
    projects["paths"]["/internal/x"] = {"get": {}}
    projects["paths"]["/v1/things/{thingId}"] = {
        "patch": {"parameters": [{"name": "thingId", "in": "path"}], "responses": {}}
    }
    merged = merge(
        {"media": media, "projects": projects}, title="T", version="1", server="http://x"
    )
    assert set(merged["components"]["schemas"]) == {"MediaItem", "ProjectsItem"}
    assert set(merged["paths"]) == {"/v1/things/{id}", "/v1/things/{thingId}/parts/{id}"}
    both = merged["paths"]["/v1/things/{id}"]
    assert set(both) == {"get", "patch"}
    assert both["patch"]["parameters"][0]["name"] == "id"
    assert both["get"]["operationId"] == "MediaReadItem"
