"""Signed URLs fit one method, path and time; signed cookies are Better Auth's."""

import time
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.signing import BadSignature, PathSigner, SignedCookie, SignedQuery

SIGNER = PathSigner({"1": b"a" * 32}, "1")
PATH = "/v1/files/multicanvas-media/a b.png"


def verify(
    signer: PathSigner, method: str, path: str, signed: SignedQuery, bound: str = ""
) -> None:
    query = {name: values[0] for name, values in parse_qs(str(signed)).items()}
    signer.verify(method, path, **query, bound=bound)


def test_what_was_signed_is_believed() -> None:
    verify(SIGNER, "get", PATH, SIGNER.sign("GET", PATH, seconds=60, bound="x"), "x")


def test_nothing_of_it_may_change() -> None:
    signed = SIGNER.sign("GET", PATH, seconds=60, bound="x")
    later = SignedQuery(signed.exp + 1, signed.kid, signed.sig)
    other_key = SignedQuery(signed.exp, "2", signed.sig)
    for method, path, query, bound in [
        ("PUT", PATH, signed, "x"),
        ("GET", PATH + "x", signed, "x"),
        ("GET", PATH, signed, ""),
        ("GET", PATH, later, "x"),
        ("GET", PATH, other_key, "x"),
    ]:
        with pytest.raises(BadSignature):
            verify(SIGNER, method, path, query, bound)


def test_it_ends_with_its_time() -> None:
    with pytest.raises(BadSignature):
        verify(SIGNER, "GET", PATH, SIGNER.sign("GET", PATH, seconds=-1))


@pytest.mark.parametrize("exp", ["", "NaN", "-1", "1e9", "٣٣٣", "9" * 20])
def test_an_expiry_that_is_no_number_is_refused(exp: str) -> None:
    with pytest.raises(BadSignature):
        SIGNER.verify("GET", PATH, exp=exp, kid="1", sig="x")


def test_an_older_key_still_verifies_until_it_is_taken_out() -> None:
    signed = SIGNER.sign("GET", PATH, seconds=60)
    verify(PathSigner({"1": b"a" * 32, "2": b"b" * 32}, "2"), "GET", PATH, signed)
    with pytest.raises(BadSignature):
        verify(PathSigner({"2": b"b" * 32}, "2"), "GET", PATH, signed)


def test_a_cookie_is_signed_as_better_auth_signs_it() -> None:
    # Computed with Node's crypto and encodeURIComponent, as better-auth does.
    assert SignedCookie("secret").sign("token") == (
        "token.6UERDj0r%2FoJiHw4%2BFDRzDXMF0QbF9oyHFl0LJ6RhGko%3D"
    )


@given(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N"]), min_size=1))
def test_a_signed_cookie_is_read_encoded_or_not(value: str) -> None:
    cookie = SignedCookie("s" * 32)
    signed = cookie.sign(value)
    assert cookie.read(signed) == value
    assert cookie.read(signed.replace("%3D", "=").replace("%2B", "+").replace("%2F", "/")) == value
    assert SignedCookie("t" * 32).read(signed) is None


@pytest.mark.parametrize("value", ["", ".", "token", "token.", "token.AAAA", "%", "a.b.c=", "\0"])
def test_a_cookie_without_good_signature_is_nothing(value: str) -> None:
    assert SignedCookie("secret").read(value) is None


def test_signing_is_quick_enough_for_a_list() -> None:
    started = time.perf_counter()
    for _ in range(1000):
        SIGNER.sign("GET", PATH, seconds=60)
    assert time.perf_counter() - started < 1
