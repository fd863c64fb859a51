"""Sealing takes the personal part out of an event and puts it back, only under its key and id."""

import base64
from typing import Any
from uuid import UUID

import orjson
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from auth.keys import Scope, SealingKey, key_id_of
from auth.sealing import (
    BlindSealer,
    NoKeys,
    SealBroken,
    decrypt_blob,
    encrypt_blob,
    expand,
    key_id_of_sealed,
    seal,
    unseal,
)

KEY = SealingKey(UUID(int=0x42), b"s" * 32)
EVENT = "11111111-1111-5111-8111-111111111111"

EDIT: dict[str, Any] = {
    "elementId": "e1",
    "changes": [
        {"path": "properties.text.content", "before": "canary-old", "after": "canary-new"},
        {"path": "x", "before": 1.5, "after": 2},
        {"path": "isHidden", "before": None, "after": True},
        {"path": "properties.shape", "before": {"fill": "canary"}, "after": ["canary"]},
    ],
}
PATTERNS = ("/changes/*/before", "/changes/*/after", "/absent")


async def find(key_id: UUID) -> bytes | None:
    return KEY.secret if key_id == KEY.key_id else None


async def find_nothing(key_id: UUID) -> bytes | None:
    return None


def sealed_edit() -> dict[str, Any]:
    return seal(EDIT, expand(PATTERNS, EDIT), KEY, EVENT)


def test_text_and_structures_are_sealed_while_numbers_flags_and_null_stay_open() -> None:
    assert expand(PATTERNS, EDIT) == [
        "/changes/0/after",
        "/changes/0/before",
        "/changes/3/after",
        "/changes/3/before",
    ]


def test_a_member_inside_a_sealed_one_goes_with_it() -> None:
    assert expand(("/a", "/a/b", "/a/*/c"), {"a": {"b": {"c": "x"}}}) == ["/a"]


def test_names_with_slash_and_tilde_are_escaped() -> None:
    assert expand(("/a~1b/*",), {"a/b": {"c~d": "x"}}) == ["/a~1b/c~0d"]


def test_sealed_members_are_absent_and_nothing_of_them_is_in_clear() -> None:
    data = sealed_edit()
    assert data["changes"][0] == {"path": "properties.text.content"}
    assert data["changes"][1] == {"path": "x", "before": 1.5, "after": 2}
    assert "canary" not in orjson.dumps(data).decode()
    assert "canary" in orjson.dumps(EDIT).decode()


def test_the_sealed_part_is_laid_out_as_agreed() -> None:
    raw = base64.urlsafe_b64decode(sealed_edit()["sealed"] + "==")
    key_id, nonce, ciphertext = raw[:16], raw[16:28], raw[28:]
    assert key_id == KEY.key_id.bytes
    plain = AESGCM(KEY.secret).decrypt(nonce, ciphertext, EVENT.encode())
    assert orjson.loads(plain) == {
        "/changes/0/before": "canary-old",
        "/changes/0/after": "canary-new",
        "/changes/3/before": {"fill": "canary"},
        "/changes/3/after": ["canary"],
    }
    assert key_id_of_sealed(sealed_edit()) == KEY.key_id


async def test_with_the_key_everything_is_back_in_its_place() -> None:
    assert await unseal(sealed_edit(), find, EVENT) == EDIT


async def test_without_the_key_the_members_stay_missing() -> None:
    opened = await unseal(sealed_edit(), find_nothing, EVENT)
    assert "sealed" not in opened
    assert [set(change) for change in opened["changes"]] == [
        {"path"},
        {"path", "before", "after"},
        {"path", "before", "after"},
        {"path"},
    ]


async def test_a_seal_moved_to_another_event_does_not_open() -> None:
    with pytest.raises(SealBroken):
        await unseal(sealed_edit(), find, "22222222-2222-5222-8222-222222222222")


@given(st.integers(0, 10_000), st.integers(1, 255))
async def test_a_changed_byte_never_opens(position: int, flip: int) -> None:
    blob = bytearray(encrypt_blob(b"personal", b"place", KEY))
    blob[position % len(blob)] ^= flip
    try:
        assert await decrypt_blob(bytes(blob), b"place", find) is None  # another key's id
        assert position % len(blob) < 16
    except SealBroken:
        pass


@pytest.mark.parametrize("text", ["", "x", "ä", "AAAA", 7])
async def test_what_is_no_seal_is_refused(text: Any) -> None:
    with pytest.raises(SealBroken):
        await unseal({"sealed": text}, find, EVENT)


def test_the_original_is_left_alone() -> None:
    before = orjson.dumps(EDIT)
    sealed_edit()
    assert orjson.dumps(EDIT) == before


def test_two_seals_of_the_same_data_differ() -> None:
    assert sealed_edit()["sealed"] != sealed_edit()["sealed"]


def test_data_is_not_sealed_twice_and_items_of_arrays_not_alone() -> None:
    with pytest.raises(ValueError, match="already"):
        seal(sealed_edit(), ["/elementId"], KEY, EVENT)
    with pytest.raises(ValueError, match="member"):
        seal({"tags": ["a", "b"]}, ["/tags/0"], KEY, EVENT)
    with pytest.raises(ValueError, match="nowhere"):
        seal({"tags": []}, ["/name"], KEY, EVENT)


def test_nothing_to_seal_needs_no_key() -> None:
    assert seal({"x": 1}, [], KEY, EVENT) == {"x": 1}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=4).filter(lambda name: name != "sealed"), inner, max_size=3
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(min_size=1, max_size=4), JSON, max_size=4))
async def test_whatever_is_sealed_comes_back(data: dict[str, Any]) -> None:
    data.pop("sealed", None)
    patterns = ["/" + name.replace("~", "~0").replace("/", "~1") for name in data]
    assert await unseal(seal(data, expand(patterns, data), KEY, EVENT), find, EVENT) == data


def test_the_id_of_a_key_follows_from_its_scope() -> None:
    project = Scope("project", "7")
    assert key_id_of(project) == key_id_of(Scope("project", "7", project_id=UUID(int=1)))
    assert key_id_of(project) != key_id_of(Scope("team", "7"))


def test_a_key_never_shows_itself() -> None:
    assert "ssss" not in repr(KEY)


async def test_a_service_without_keys_reads_the_open_part_and_seals_nothing() -> None:
    blind = BlindSealer()
    scope = Scope("project", "7")
    assert "sealed" not in await blind.unseal(sealed_edit(), EVENT)
    assert await blind.seal({"x": 1}, ("/x",), scope, EVENT) == {"x": 1}
    with pytest.raises(NoKeys):
        await blind.seal({"x": "text"}, ("/x",), scope, EVENT)
    with pytest.raises(NoKeys):
        await blind.encrypt(b"x", b"", scope)
    assert await blind.decrypt(b"x", b"") is None
