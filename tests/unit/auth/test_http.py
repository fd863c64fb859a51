"""Routes know their actor, and internal routes are not there for anybody else."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from fastapi import Depends
from fastapi.testclient import TestClient
from pydantic import SecretStr

from auth import http as auth_http
from auth.http import CurrentActor, MaybeActor, Operator, internal_only
from auth.tokens import TokenSigner
from runtime.http import create_app
from runtime.settings import ServiceSettings

SIGNER = TokenSigner(b"p" * 32, "k")


@pytest.fixture(scope="module")
def client() -> TestClient:
    app = create_app("bakery", title="Bakery")
    settings = SimpleNamespace(
        SERVICE="bakery",
        token_public_keys=SIGNER.public_keys,
        internal_secret=SecretStr("inside"),
    )
    auth_http.install(app, cast(ServiceSettings, settings))

    @app.get("/mine")
    def mine(actor: CurrentActor) -> str:  # pyright: ignore[reportUnusedFunction] - a route
        return actor.user_id

    @app.get("/all")
    def everything(actor: MaybeActor) -> str:  # pyright: ignore[reportUnusedFunction] - a route
        return actor.user_id if actor else "anonymous"

    @app.get("/operators")
    def operators(actor: Operator) -> str:  # pyright: ignore[reportUnusedFunction] - a route
        return actor.user_id

    @app.get("/internal", dependencies=[Depends(internal_only)])
    def internal() -> str:  # pyright: ignore[reportUnusedFunction] - a route
        return "inside"

    return TestClient(app)


def token(operator: bool = False, audience: str = "bakery") -> dict[str, Any]:
    signed = SIGNER.sign("u1", audience, session_id="s", email_verified=True, operator=operator)
    return {"Authorization": f"Bearer {signed}"}


def test_without_token_a_route_asks_to_sign_in(client: TestClient) -> None:
    answer = client.get("/mine")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert client.get("/all").json() == "anonymous"


def test_with_token_a_route_knows_who_asks(client: TestClient) -> None:
    assert client.get("/mine", headers=token()).json() == "u1"
    assert client.get("/all", headers=token()).json() == "u1"


@pytest.mark.parametrize("header", ["Bearer x", "Basic dTpw", "Bearer", "x"])
def test_a_bad_token_is_never_taken_for_none(client: TestClient, header: str) -> None:
    for path in ("/mine", "/all"):
        assert client.get(path, headers={"Authorization": header}).status_code == 401


def test_a_token_for_another_service_is_refused(client: TestClient) -> None:
    assert client.get("/mine", headers=token(audience="render")).status_code == 401


def test_operators_only_means_operators_only(client: TestClient) -> None:
    assert client.get("/operators", headers=token()).status_code == 403
    assert client.get("/operators", headers=token(operator=True)).status_code == 200


def test_internal_routes_are_not_there_without_the_secret(client: TestClient) -> None:
    assert client.get("/internal").status_code == 404
    assert client.get("/internal", headers={"Multicanvas-Internal": "x"}).status_code == 404
    assert client.get("/internal", headers={"Multicanvas-Internal": "inside"}).status_code == 200
