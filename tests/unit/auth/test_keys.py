"""Master keys wrap other keys, each bound to its place."""

import base64
from uuid import UUID

import pytest

from auth.keys import MasterKeys

ONE, TWO = b"1" * 32, b"2" * 32
ID = UUID(int=9)


def encoded(key: bytes) -> str:
    return base64.b64encode(key).decode()


def test_the_highest_version_wraps_what_is_new() -> None:
    both = MasterKeys.parse(f"1:{encoded(ONE)}, 2:{encoded(TWO)}")
    assert both.current == 2
    assert both.unwrap(ID, both.wrap(ID, b"s" * 32), 2) == b"s" * 32


def test_what_an_older_version_wrapped_still_opens() -> None:
    wrapped = MasterKeys({1: ONE}).wrap(ID, b"s" * 32)
    assert MasterKeys({1: ONE, 2: TWO}).unwrap(ID, wrapped, 1) == b"s" * 32


def test_a_wrapped_key_opens_only_in_its_own_row() -> None:
    master = MasterKeys({1: ONE})
    with pytest.raises(ValueError, match="changed"):
        master.unwrap(UUID(int=10), master.wrap(ID, b"s" * 32), 1)


@pytest.mark.parametrize("text", ["", "canary", "1:canary", f"x:{encoded(ONE)}", "1:Y2FuYXJ5"])
def test_malformed_master_keys_are_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(ValueError) as refused:
        MasterKeys.parse(text)
    assert "canary" not in str(refused.value)
    assert "Y2FuYXJ5" not in str(refused.value)
