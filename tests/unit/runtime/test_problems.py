"""Whatever goes wrong is told as a problem document, and tells nothing that it should not."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException

from runtime import http, problems
from runtime.outages import is_outage
from runtime.problems import FieldError, NotFound, Problem, TooManyRequests


class Size(http.Request):
    wide: int


class Order(http.Request):
    sizes: list[Size]


class Stamp(http.Answer):
    at: datetime


class Receipt(http.Answer):
    paid_at: datetime
    due: list[datetime | None] = []
    stamps: dict[str, Stamp] = {}


class TrayFull(Exception):
    """A domain's refusal: it knows nothing of HTTP but a number."""

    status = 423
    code = "tray_full"
    detail = "the tray is full"
    errors = [{"pointer": "/sizes/0", "code": "tray_full", "message": "no room"}]


RAISED: dict[str, Exception] = {
    "problem": NotFound("no such cake"),
    "refusal": TrayFull("x"),
    "http": HTTPException(405, headers={"Allow": "GET"}),
    "bug": RuntimeError("secret-canary at /srv/app.py line 3"),
    "postgres": ConnectionRefusedError("postgresql://u:canary@h"),
    "busy": TooManyRequests("slow down", retry_after_seconds=7),
    "row": asyncpg.InsufficientPrivilegeError("new row violates row-level security policy"),
}


@pytest.fixture(scope="module")
def client() -> TestClient:
    app = http.create_app("bakery", title="Bakery")

    @app.post("/orders/{order_id}")
    async def order(order_id: UUID, body: Order, limit: int = 1) -> Receipt:  # pyright: ignore[reportUnusedFunction] - a route
        moment = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
        return Receipt(paid_at=moment, due=[moment, None], stamps={"a": Stamp(at=moment)})

    @app.get("/raise/{what}")
    async def fail(what: str) -> None:  # pyright: ignore[reportUnusedFunction] - a route
        raise RAISED[what]

    return TestClient(app)


def read(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["type"].startswith("/problems/")
    assert body["title"]
    assert len(body["traceId"]) == 32
    assert "canary" not in answer.text
    assert "Traceback" not in answer.text
    return body


ID = UUID(int=1)


def test_a_rule_broken_in_the_body_is_pointed_at(client: TestClient) -> None:
    answer = client.post(f"/orders/{ID}", json={"sizes": [{"wide": 1}, {"wide": "x", "no": 1}]})
    body = read(answer, 422)
    assert body["type"] == "/problems/invalid"
    assert body["instance"] == f"/orders/{ID}"
    assert {error["pointer"] for error in body["errors"]} == {"/sizes/1/wide", "/sizes/1/no"}
    assert all(set(error) == {"pointer", "code", "message"} for error in body["errors"])


def test_a_bad_query_parameter_stands_under_query(client: TestClient) -> None:
    answer = client.post(f"/orders/{ID}?limit=many", json={"sizes": []})
    assert [error["pointer"] for error in read(answer, 422)["errors"]] == ["/query/limit"]


def test_a_body_that_is_no_json_is_malformed(client: TestClient) -> None:
    answer = client.post(
        f"/orders/{ID}", content=b"{", headers={"content-type": "application/json"}
    )
    assert read(answer, 400)["type"] == "/problems/malformed"


def test_a_body_of_another_type_is_not_supported(client: TestClient) -> None:
    answer = client.post(f"/orders/{ID}", content=b"a=1", headers={"content-type": "text/plain"})
    assert read(answer, 415)["type"] == "/problems/unsupported-media-type"


def test_an_id_that_cannot_exist_does_not_exist(client: TestClient) -> None:
    read(client.post("/orders/none", json={"sizes": []}), 404)


def test_an_unknown_path_is_a_problem_too(client: TestClient) -> None:
    assert read(client.get("/nowhere"), 404)["type"] == "/problems/not-found"


def test_a_domain_refusal_keeps_its_status_code_and_pointers(client: TestClient) -> None:
    body = read(client.get("/raise/refusal"), 423)
    assert body["type"] == "/problems/tray-full"
    assert body["code"] == "tray_full"
    assert body["detail"] == "the tray is full"
    assert body["errors"] == [{"pointer": "/sizes/0", "code": "tray_full", "message": "no room"}]


def test_a_part_that_is_away_is_503_with_retry_after(client: TestClient) -> None:
    answer = client.get("/raise/postgres")
    assert read(answer, 503)["type"] == "/problems/unavailable"
    assert answer.headers["retry-after"] == "1"


def test_a_bug_tells_its_trace_and_nothing_else(client: TestClient) -> None:
    body = read(client.get("/raise/bug"), 500)
    assert set(body) == {"type", "title", "status", "instance", "traceId"}


def test_headers_of_a_problem_go_along(client: TestClient) -> None:
    busy = client.get("/raise/busy")
    read(busy, 429)
    assert busy.headers["retry-after"] == "7"
    wrong_verb = client.get("/raise/http")
    read(wrong_verb, 405)
    assert wrong_verb.headers["allow"] == "GET"


def test_a_row_refused_by_its_policy_is_forbidden(client: TestClient) -> None:
    read(client.get("/raise/row"), 403)


def test_times_go_out_in_utc_with_milliseconds(client: TestClient) -> None:
    answer = client.post(f"/orders/{ID}", json={"sizes": []})
    told = "2026-01-02T03:04:05.678Z"
    assert answer.json() == {"paidAt": told, "due": [told, None], "stamps": {"a": {"at": told}}}


def test_an_answer_names_its_trace_and_continues_the_callers(client: TestClient) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    answer = client.get("/raise/problem", headers=headers)
    assert read(answer, 404)["traceId"] == trace
    assert answer.headers["traceresponse"].split("-")[1] == trace


def test_extra_members_never_hide_the_standard_ones() -> None:
    body = Problem("d", status=409, extra={"status": 200, "paths": ["x"]}).body("/i")
    assert (body["status"], body["paths"], body["type"]) == (409, ["x"], "/problems/state")


def test_members_without_value_are_left_out() -> None:
    assert set(NotFound().body("/i")) == {"type", "title", "status", "instance"}
    told = NotFound(errors=[FieldError("/a", "c", "m")]).body("/i")
    assert told["errors"] == [{"pointer": "/a", "code": "c", "message": "m"}]


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        (OSError("Multiple exceptions: connect call failed"), True),
        (asyncpg.CannotConnectNowError("starting up"), True),
        (asyncpg.ConnectionDoesNotExistError("gone"), True),
        (asyncpg.InterfaceError("connection is closed"), True),
        (ExceptionGroup("both", [ConnectionResetError(), TimeoutError()]), True),
        (ExceptionGroup("one", [ConnectionResetError(), KeyError()]), False),
        (FileNotFoundError(), False),
        (asyncpg.UniqueViolationError("double"), False),
        (ValueError(), False),
    ],
)
def test_an_outage_is_told_from_a_mistake(error: BaseException, away: bool) -> None:
    assert is_outage(error) is away


def test_every_problem_type_explains_itself() -> None:
    for slug, (title, explanation) in problems.PROBLEM_TYPES.items():
        assert slug == slug.lower()
        assert title
        assert explanation.endswith(".")


def test_readiness_names_the_part_that_is_away() -> None:
    async def fine() -> None: ...

    async def broken() -> None:
        raise ConnectionRefusedError("canary")

    checks = {"kafka": fine}
    client = TestClient(http.create_app("bakery", title="Bakery", checks=checks))
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").json() == {"status": "ready", "checks": {"kafka": "ready"}}
    checks["postgres"] = broken
    answer = client.get("/readyz")
    body = read(answer, 503)
    assert body["checks"] == {"kafka": "ready", "postgres": "away"}
    assert answer.headers["retry-after"]


def test_requests_are_measured_by_route_pattern_not_by_path(client: TestClient) -> None:
    client.get("/raise/problem")
    text = client.get("/metrics").text
    assert 'route="/raise/{what}"' in text
    assert "/raise/problem" not in text


def test_openapi_states_every_route(client: TestClient) -> None:
    app = client.app
    assert isinstance(app, FastAPI)
    described = app.openapi()
    paid_at = described["components"]["schemas"]["Receipt"]["properties"]["paidAt"]
    assert paid_at["format"] == "date-time"
    assert set(described["paths"]) == {"/orders/{order_id}", "/raise/{what}"}
