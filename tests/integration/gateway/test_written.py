"""What several gateways know together of what a person wrote."""

import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from valkey import Valkey as Client

from gateway.adapters.written import SECONDS, WrittenInValkey
from multicanvas.parts.ports import Ports
from multicanvas.parts.valkey import Valkey, binary


@pytest.fixture(scope="module")
def valkey() -> Iterator[Valkey]:
    if not binary().exists():
        pytest.skip("no Valkey server for this machine")
    home = Path(tempfile.mkdtemp(prefix="multicanvas-valkey-"))
    part = Valkey(home, Ports(home / "ports.json"), secrets.token_hex(12))
    try:
        part.start()
        yield part
    finally:
        part.stop()
        shutil.rmtree(home, ignore_errors=True)


async def test_two_gateways_share_the_highest_version(valkey: Valkey) -> None:
    one, other = WrittenInValkey(valkey.claim()), WrittenInValkey(valkey.claim())
    await one.note("u1", {"projects/a": 9, "projects/b": 1})
    await other.note("u1", {"projects/a": 10})
    await one.note("u1", {"projects/a": 2})
    assert set((await other.after("u1")).split(", ")) == {"projects/a=10", "projects/b=1"}
    assert await other.after("u2") == ""
    await one.close()
    await other.close()


async def test_each_subject_is_forgotten_after_its_own_minute(valkey: Valkey) -> None:
    written = WrittenInValkey(valkey.claim())
    await written.note("u3", {"projects/a": 1})
    client = Client.from_url(valkey.claim(), decode_responses=True)
    asked = ("HTTL", "multicanvas:wrote:u3", "FIELDS", "1", "projects/a")
    (left,) = cast("list[int]", client.execute_command(*asked))
    assert SECONDS - 5 < left <= SECONDS
    client.close()
    await written.close()


async def test_without_valkey_people_are_served_all_the_same() -> None:
    written = WrittenInValkey("redis://127.0.0.1:9/0")
    await written.note("u1", {"projects/a": 1})
    # What went through this gateway is still known here, and nobody waits for Valkey each time.
    began = time.monotonic()
    for _ in range(50):
        assert await written.after("u1") == "projects/a=1"
    assert time.monotonic() - began < 0.5
    await written.close()
