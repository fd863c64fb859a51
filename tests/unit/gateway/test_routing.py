"""Who owns which path."""

import pytest

from gateway.adapters.routing import RoutingTable


@pytest.mark.parametrize(
    ("method", "path", "owner"),
    [
        ("POST", "/api/auth/sign-in/email", "identity"),
        ("GET", "/v1/me", "identity"),
        ("GET", "/v1/projects", "projects"),
        ("PATCH", "/v1/projects/p/elements/e", "projects"),
        ("GET", "/v1/projects/p/exports", "render"),
        ("POST", "/v1/projects/p/exports", "projects"),
        ("POST", "/v1/projects/p/exports/estimate", "projects"),
        ("POST", "/v1/projects/p/ai/text", "ai"),
        ("POST", "/v1/projects/p/activity", "analytics"),
        ("GET", "/v1/exports/e/download", "render"),
        ("GET", "/v1/media/m/url", "media"),
        ("GET", "/v1/analytics/projects/p", "analytics"),
        ("GET", "/v1/formats/instagram-story", "projects"),
        ("GET", "/v1/template-categories", "projects"),
        ("PUT", "/v1/ai/generations/g/rating", "ai"),
    ],
)
def test_the_longest_match_owns_a_path(method: str, path: str, owner: str) -> None:
    assert RoutingTable().owner(method, path) == owner


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1",
        "/v1/nothing",
        "/v1/meadow",
        "/v1/formatsx",
        "/internal/sessions/resolve",
        "/v1/me/../../internal",
        "/v1/me/%2e%2E/internal",
        "/v1/me/a%2f..%2finternal",
        "/v1//me",
    ],
)
def test_what_nobody_owns_or_could_be_read_otherwise_is_nobodys(path: str) -> None:
    assert RoutingTable().owner("GET", path) is None
