"""Origins, rates, addresses and cookies, without a server."""

import pytest
from fastapi import Response
from starlette.requests import Request

from auth.origins import TrustedOrigins
from auth.signing import SignedCookie
from identity.adapters.passwords import Passwords
from identity.adapters.rates import Rates, Rule, rule_of
from identity.adapters.tokens import handle_of, new_token
from identity.adapters.visitors import counted_as, truncated
from identity.api.cookies import Cookies

ORIGINS = TrustedOrigins(("https://app.example.org", "https://*.preview.example.org"))


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example.org",
        "https://APP.example.org:443/path?query",
        "https://a.preview.example.org",
    ],
)
def test_listed_origins_are_trusted(url: str) -> None:
    assert ORIGINS.trusts(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://app.example.org",
        "https://app.example.org:8443",
        "https://app.example.org.evil.example",
        "https://evil.example/https://app.example.org",
        "https://app.example.org@evil.example",
        "https://evil.example#a.preview.example.org",
        "https://evil.example\\.preview.example.org",
        "https://preview.example.org",
        "https://evil.example\n.preview.example.org",
        "null",
        "",
        "javascript:alert(1)",
    ],
)
def test_everything_else_is_not(url: str) -> None:
    assert not ORIGINS.trusts(url)


@pytest.mark.parametrize("url", ["/", "/home?next=//x", "https://app.example.org/a"])
def test_redirects_to_our_own_pages(url: str) -> None:
    assert ORIGINS.allows_redirect(url)


@pytest.mark.parametrize(
    "url",
    [
        "//evil.example",
        "/\\evil",
        "/%2fevil",
        "/%5Cevil",
        "home",
        "/a\r\nb",
        "https://evil.example",
    ],
)
def test_redirects_elsewhere_are_refused(url: str) -> None:
    assert not ORIGINS.allows_redirect(url)


def test_a_rate_starts_again_with_its_window() -> None:
    now = 0.0
    rates = Rates(True, clock=lambda: now)
    rule = Rule(window=10, most=2)
    assert [rates.knock("a", rule) for _ in range(3)] == [None, None, 10]
    assert rates.knock("b", rule) is None
    now = 9.5
    assert rates.knock("a", rule) == 1
    now = 10.0
    assert rates.knock("a", rule) is None


def test_rates_can_be_off() -> None:
    rates = Rates(False)
    assert {rates.knock("a", Rule(10, 1)) for _ in range(5)} == {None}


def test_passwords_are_guarded_more_than_the_rest() -> None:
    assert rule_of("/sign-in/email").most == 3
    assert rule_of("/change-password").most == 3
    assert rule_of("/get-session").most == 100


def test_an_ipv6_neighbourhood_is_one_visitor() -> None:
    assert counted_as("2001:db8:1:2:3::4") == counted_as("2001:db8:1:2:ffff::")
    assert counted_as("2001:db8:1:3::") != counted_as("2001:db8:1:2::")
    assert counted_as("::ffff:192.0.2.1") == counted_as("192.0.2.1")
    assert counted_as("192.0.2.1") != counted_as("192.0.2.2")


def test_addresses_are_kept_truncated() -> None:
    assert truncated("192.0.2.77") == "192.0.2.0"
    assert truncated("2001:db8:1:2:3::4") == "2001:db8:1::"
    assert truncated("nonsense") is None
    assert truncated(None) is None


def test_a_handle_tells_nothing_of_its_token() -> None:
    token = new_token()
    assert len(token) == 43
    assert token not in handle_of(token)
    assert new_token() != token


def test_a_cookie_survives_the_way_through_a_browser() -> None:
    cookies = Cookies(SignedCookie("secret"), secure=False)
    response = Response()
    cookies.give(response, "token", remember=False)
    given = [value.decode() for name, value in response.raw_headers if name == b"set-cookie"]
    pairs = "; ".join(one.split("; ")[0] for one in given)
    request = Request({"type": "http", "headers": [(b"cookie", pairs.encode())]})
    assert cookies.token(request) == "token"
    assert cookies.forgets(request)
    assert all(one.endswith("; Path=/; HttpOnly; SameSite=Lax") for one in given)


def test_on_https_cookies_are_secure_by_name_and_attribute() -> None:
    cookies = Cookies(SignedCookie("secret"), secure=True)
    response = Response()
    cookies.give(response, "token", remember=True)
    given = response.headers["set-cookie"]
    assert given.startswith("__Secure-better-auth.session_token=token.")
    assert "; Max-Age=604800; Path=/; HttpOnly; Secure; SameSite=Lax" in given


async def test_a_password_matches_in_any_unicode_spelling_and_nobody_never_does() -> None:
    passwords = Passwords(1)
    hashed = await passwords.hash("caf\u00e9 cafe\u0301")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.matches(hashed, "cafe\u0301 caf\u00e9")
    assert not await passwords.matches(hashed, "cafe")
    assert not await passwords.matches(None, "nobody has this password")
    passwords.close()
