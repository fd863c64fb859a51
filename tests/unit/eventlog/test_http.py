"""Requests become commands, answers become responses."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from fastapi import Request

from eventlog.answers import Answer, IdempotencyKey, read_wrote, write_wrote
from eventlog.domain import Refusal
from eventlog.http import command_request, etag, expected_version, respond


def request(
    headers: Mapping[str, str] | None = None,
    *,
    body: bytes = b"{}",
    path: str = "/v1/boards",
    query: bytes = b"",
    actor: str | None = "ann",
) -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    raw = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": query,
        "headers": raw,
        "server": ("test", 80),
        "state": {},
    }
    made = Request(scope, receive)
    if actor is not None:
        made.state.actor = SimpleNamespace(user_id=actor)
    return made


async def key_of(**how: Any) -> IdempotencyKey:
    _, key = await command_request(request({"Idempotency-Key": "k-1"}, **how))
    assert key is not None
    return key


async def test_the_one_who_was_let_in_commands():
    context, key = await command_request(request())
    assert (context.actor, key) == ("ann", None)


async def test_nobody_signed_in_is_anonymous_and_shares_no_keys():
    context, key = await command_request(request({"Idempotency-Key": "k-1"}, actor=None))
    assert (context.actor, key) == ("anonymous", None)


async def test_a_key_stands_for_method_path_query_and_body():
    same = await key_of()
    assert same == await key_of()
    others = [
        await key_of(body=b"[]"),
        await key_of(path="/v1/boards/2"),
        await key_of(query=b"a=1"),
    ]
    assert len({same.request_hash, *(one.request_hash for one in others)}) == 4


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "ümlaut"])
async def test_a_malformed_key_is_refused(key: str):
    with pytest.raises(Refusal):
        await command_request(request({"Idempotency-Key": key}))


@pytest.mark.parametrize(
    ("value", "version"), [('"12"', 12), ('W/"12"', 12), ("*", None), (None, None)]
)
def test_if_match_names_a_version(value: str | None, version: int | None):
    headers = {} if value is None else {"If-Match": value}
    assert expected_version(request(headers)) == version


@pytest.mark.parametrize("value", ["12", '"a"', '"1", "2"', ""])
def test_if_match_that_is_no_version_is_refused(value: str):
    with pytest.raises(Refusal):
        expected_version(request({"If-Match": value}))


def test_a_response_tells_version_and_what_was_written():
    wrote = (("boards/1", 3), ("boards/2", 1))
    response = respond(Answer(201, {"id": "1"}, etag(3), wrote))
    assert response.status_code == 201
    assert orjson.loads(response.body) == {"id": "1"}
    assert response.headers["etag"] == '"3"'
    assert response.headers["multicanvas-wrote"] == "boards/1=3, boards/2=1"
    assert read_wrote(write_wrote(wrote)) == wrote


def test_an_answer_without_a_body_has_none():
    response = respond(Answer(204))
    assert (response.status_code, response.body) == (204, b"")
