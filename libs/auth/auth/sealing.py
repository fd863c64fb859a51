"""Sealing: the personal part of an event's data, encrypted once, in place, under a forgettable key.

`data["sealed"]` is base64url (no padding) of key id (16 bytes) | nonce (12) | AES-256-GCM
ciphertext and tag, with the event id as associated data. Its plaintext is a JSON object from JSON
Pointers into `data` to the values that were taken out there.
"""

import base64
import binascii
import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, cast
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from auth.keys import AnyScope, Keys, SealingKey

SEALED = "sealed"

_ID, _NONCE, _TAG = 16, 12, 16

KeyLookup = Callable[[UUID], Awaitable[bytes | None]]


class SealBroken(Exception):
    """Something sealed was changed, moved to another place, or never was ours."""


def expand(patterns: Sequence[str], data: dict[str, Any]) -> list[str]:
    """The JSON Pointers of `data` that match the patterns (`*`: any item or member).

    Only members that hold text or a structure: numbers, booleans and null stay open (analysts read
    them without a key), and so does what is not there.
    """
    found = {pointer for pattern in patterns for pointer in _match(data, _parts(pattern), "")}
    # A member inside one that goes away anyway has no place to come back to.
    return sorted(pointer for pointer in found if not _inside_another(pointer, found))


def seal(
    data: dict[str, Any], pointers: Sequence[str], key: SealingKey, event_id: str
) -> dict[str, Any]:
    """A copy of `data` in which the members at `pointers` are gone into `sealed`.

    Members of an array are objects' members: an item itself cannot be taken out, because the others
    would move. Raises `ValueError` for such a pointer or one that leads nowhere.
    """
    if not pointers:
        return data
    if SEALED in data:
        raise ValueError("this data is sealed already")
    opened = _copy(data)
    taken: dict[str, Any] = {}
    for pointer in pointers:
        taken[pointer] = _take(opened, pointer)
    opened[SEALED] = _encode(encrypt_blob(orjson.dumps(taken), event_id.encode(), key))
    return opened


async def unseal(data: dict[str, Any], key_lookup: KeyLookup, event_id: str) -> dict[str, Any]:
    """A copy of `data` with the sealed members back in their places.

    Without the key they stay missing. Raises `SealBroken` when the seal was tampered with.
    """
    text = data.get(SEALED)
    if text is None:
        return data
    opened = {name: value for name, value in data.items() if name != SEALED}
    plain = await decrypt_blob(_decode(text), event_id.encode(), key_lookup)
    if plain is None:
        return opened
    opened = _copy(opened)
    for pointer, value in orjson.loads(plain).items():
        _put(opened, pointer, value)
    return opened


def key_id_of_sealed(data: dict[str, Any]) -> UUID | None:
    """Which key sealed this data; None when nothing is sealed."""
    text = data.get(SEALED)
    return None if text is None else UUID(bytes=_decode(text)[:_ID])


def encrypt_blob(blob: bytes, aad: bytes, key: SealingKey) -> bytes:
    """Key id | nonce | ciphertext and tag, bound to `aad`."""
    nonce = secrets.token_bytes(_NONCE)
    return key.key_id.bytes + nonce + AESGCM(key.secret).encrypt(nonce, blob, aad)


async def decrypt_blob(sealed: bytes, aad: bytes, key_lookup: KeyLookup) -> bytes | None:
    """What was encrypted; None when its key is gone. Raises `SealBroken` when it was changed."""
    if len(sealed) < _ID + _NONCE + _TAG:
        raise SealBroken("too short to be sealed")
    secret = await key_lookup(UUID(bytes=sealed[:_ID]))
    if secret is None:
        return None
    try:
        return AESGCM(secret).decrypt(sealed[_ID : _ID + _NONCE], sealed[_ID + _NONCE :], aad)
    except InvalidTag:
        raise SealBroken("changed, or sealed for another place") from None


class KeyedSealer:
    """Seals and unseals with the keys of the `keys` database."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    async def seal(
        self, data: dict[str, Any], patterns: Sequence[str], scope: AnyScope, event_id: str
    ) -> dict[str, Any]:
        """`data` with what matches the patterns sealed. Raises `KeyForgotten` after an erasure."""
        pointers = expand(patterns, data)
        if not pointers:
            return data
        return seal(data, pointers, await self._keys.for_scope(scope), event_id)

    async def unseal(self, data: dict[str, Any], event_id: str) -> dict[str, Any]:
        """`data` in clear, or without the sealed members when the key is gone."""
        return await unseal(data, self._keys.get, event_id)

    async def encrypt(self, blob: bytes, aad: bytes, scope: AnyScope) -> bytes:
        """A whole snapshot, document or token. `aad` names its place, so it opens only there."""
        return encrypt_blob(blob, aad, await self._keys.for_scope(scope))

    async def decrypt(self, blob: bytes, aad: bytes) -> bytes | None:
        """None when the key is gone. Raises `SealBroken` when the blob or its place was changed."""
        return await decrypt_blob(blob, aad, self._keys.get)


class NoKeys(Exception):
    """This service may read no keys, so it can seal nothing."""


class BlindSealer:
    """For a service without keys: sealed members stay missing, nothing personal can be written."""

    async def seal(
        self, data: dict[str, Any], patterns: Sequence[str], scope: AnyScope, event_id: str
    ) -> dict[str, Any]:
        """`data` as it is when nothing matches the patterns. Raises `NoKeys` otherwise."""
        if expand(patterns, data):
            raise NoKeys("this service may not seal")
        return data

    async def unseal(self, data: dict[str, Any], event_id: str) -> dict[str, Any]:
        return {name: value for name, value in data.items() if name != SEALED}

    async def encrypt(self, blob: bytes, aad: bytes, scope: AnyScope) -> bytes:
        raise NoKeys("this service may not encrypt")

    async def decrypt(self, blob: bytes, aad: bytes) -> bytes | None:
        return None


def _parts(pointer: str) -> list[str]:
    if not pointer.startswith("/"):
        raise ValueError(f"not a JSON Pointer: {pointer}")
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def _children(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from cast("dict[str, Any]", value).items()
    elif isinstance(value, list | tuple):
        for index, item in enumerate(cast("Sequence[Any]", value)):
            yield str(index), item


def _match(value: Any, parts: list[str], so_far: str) -> Iterator[str]:
    if not parts:
        if isinstance(value, str | dict | list | tuple):
            yield so_far
        return
    for name, child in _children(value):
        if parts[0] in ("*", name):
            yield from _match(child, parts[1:], f"{so_far}/{_escape(name)}")


def _inside_another(pointer: str, others: set[str]) -> bool:
    cuts = (index for index, sign in enumerate(pointer) if sign == "/" and index)
    return any(pointer[:index] in others for index in cuts)


def _copy(value: Any) -> Any:
    # JSON only, so this is all of it; copy.deepcopy takes five times as long.
    if isinstance(value, dict):
        return {name: _copy(item) for name, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_copy(item) for item in cast("Sequence[Any]", value)]
    return value


def _step(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)[part]
    return cast("list[Any]", value)[int(part)]


def _parent(data: dict[str, Any], pointer: str) -> tuple[dict[str, Any], str]:
    *way, last = _parts(pointer)
    found: Any = data
    try:
        for part in way:
            found = _step(found, part)
    except (KeyError, IndexError, TypeError, ValueError):
        raise ValueError(f"{pointer} leads nowhere") from None
    if not isinstance(found, dict):
        raise ValueError(f"{pointer} is no member of an object")
    return cast("dict[str, Any]", found), last


def _take(data: dict[str, Any], pointer: str) -> Any:
    holder, name = _parent(data, pointer)
    if name not in holder:
        raise ValueError(f"{pointer} leads nowhere")
    return holder.pop(name)


def _put(data: dict[str, Any], pointer: str, value: Any) -> None:
    holder, name = _parent(data, pointer)
    holder[name] = value


def _encode(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def _decode(text: Any) -> bytes:
    try:
        return base64.urlsafe_b64decode(str(text) + "=" * (-len(str(text)) % 4))
    except (ValueError, binascii.Error):
        raise SealBroken("not base64url") from None
