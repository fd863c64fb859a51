"""From event to row to message: what the bytes are."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar, cast
from uuid import UUID

import orjson
import pytest

from contracts.envelope import MessageData
from contracts.reading import read_envelope
from eventlog.domain import Aggregate, DomainEvent, KeyScope, Refusal
from eventlog.errors import UnknownEvent
from eventlog.mapper import Mapper, canonical
from eventlog.message import message_bytes, message_key
from eventlog.published import Published
from eventlog.stored import Metadata, StoredEvent, pack, unpack
from runtime.ids import event_id
from tests.support.board import PUBLISHED, Board, BoardCreated, CardRemoved

BOARD = UUID("0190f5a0-0000-7000-8000-000000000001")
MOMENT = datetime(2026, 11, 23, 8, 0, 0, 123000, tzinfo=UTC)
METADATA = Metadata(
    actor="ann",
    command_id=UUID(int=1),
    command_number=7,
    last=True,
    occurred_at=MOMENT,
    correlation_id=UUID(int=2),
)


class ReversingSealer:
    """Seals a title by turning it round: enough to see what goes through sealing."""

    async def seal(
        self, data: dict[str, Any], patterns: Sequence[str], scope: KeyScope, event_id: str
    ) -> dict[str, Any]:
        rest = {name: value for name, value in data.items() if name != "title"}
        return {**rest, "sealed": f"{event_id}|{data['title'][::-1]}"}

    async def unseal(self, data: dict[str, Any], event_id: str) -> dict[str, Any]:
        owner, _, turned = data["sealed"].partition("|")
        assert owner == event_id
        rest = {name: value for name, value in data.items() if name != "sealed"}
        return {**rest, "title": turned[::-1]}

    async def encrypt(self, blob: bytes, aad: bytes, scope: KeyScope) -> bytes:
        return blob

    async def decrypt(self, blob: bytes, aad: bytes) -> bytes | None:
        return blob


MAPPER = Mapper(PUBLISHED, ReversingSealer())
SCOPE = KeyScope("project", str(BOARD), project_id=BOARD)


def made(title: str = "Plan") -> DomainEvent:
    return cast(DomainEvent, Board(id=BOARD, title=title).collect_events()[0])


async def test_state_is_the_messages_data_with_its_sealed_part():
    stored = await MAPPER.to_stored(made(), METADATA, SCOPE)
    assert orjson.loads(unpack(stored.state)) == {"sealed": f"{event_id(BOARD, 1)}|nalP"}


async def test_an_event_comes_back_as_it_went_in():
    event = made()
    stored = await MAPPER.to_stored(event, replace(METADATA, occurred_at=event.timestamp), SCOPE)
    assert await MAPPER.to_event(stored) == event


async def test_sealing_without_a_key_scope_is_refused():
    with pytest.raises(ValueError, match="key_scope"):
        await MAPPER.to_stored(made(), METADATA, None)


async def test_a_change_that_fits_no_message_is_refused():
    with pytest.raises(Refusal, match="too_large"):
        await MAPPER.to_stored(made("x" * 1_000_000), METADATA, SCOPE)


async def test_a_row_with_a_topic_outside_the_table_is_not_loaded():
    stored = StoredEvent(BOARD, 1, "os:system", 1, b"{}", METADATA)
    with pytest.raises(LookupError):
        await MAPPER.to_event(stored)


async def test_an_event_of_a_newer_release_is_not_misread():
    stored = StoredEvent(BOARD, 2, "boards.card_put", 3, b"{}", METADATA)
    with pytest.raises(UnknownEvent):
        await MAPPER.to_event(stored)


async def test_an_old_event_is_lifted_to_the_present_shape():
    stored = StoredEvent(BOARD, 2, "boards.card_put", 1, b'{"cardId":"a","text":"b"}', METADATA)
    event = await MAPPER.to_event(stored)
    assert isinstance(event, Board.CardPut)
    assert event.card.text == "b"


def test_canonical_json_has_sorted_keys_and_plain_numbers():
    value = {"b": Decimal("1.50"), "a": Decimal("2"), "c": {UUID(int=1)}}
    assert canonical(value) == b'{"a":2,"b":1.5,"c":["00000000-0000-0000-0000-000000000001"]}'


@pytest.mark.parametrize("size", [2, 512, 513, 100_000])
def test_state_is_compressed_above_512_bytes_only(size: int):
    data = b"{" + b" " * (size - 2) + b"}"
    assert (pack(data)[:1] == b"{") == (size <= 512)
    assert unpack(pack(data)) == data


async def test_a_message_is_an_envelope_that_consumers_read():
    stored = await MAPPER.to_stored(made(), METADATA, SCOPE)
    envelope = read_envelope(message_bytes("boards", stored, PUBLISHED))
    assert envelope.id == event_id(BOARD, 1)
    assert envelope.type == "boards.board_created.v1"
    assert (envelope.source, envelope.subject, envelope.sequence) == ("boards", str(BOARD), 1)
    assert (envelope.time, envelope.actor, envelope.commandnumber) == (MOMENT, "ann", 7)
    assert envelope.dataschema == "/schemas/boards.board_created.v1.json"
    assert set(envelope.data) == {"sealed"}
    assert message_key(stored) == str(BOARD).encode()


async def test_publishing_again_gives_the_same_bytes_also_from_a_decoded_row():
    stored = await MAPPER.to_stored(made("long " * 500), METADATA, SCOPE)
    row = {
        **vars(stored),
        "metadata": orjson.loads(stored.metadata.to_json()),
    }
    text_row = {**row, "metadata": stored.metadata.to_json()}
    first = message_bytes("boards", stored, PUBLISHED)
    assert message_bytes("boards", StoredEvent.from_row(row), PUBLISHED) == first
    assert message_bytes("boards", StoredEvent.from_row(text_row), PUBLISHED) == first


def test_a_table_with_other_sealed_members_than_the_contract_is_refused():
    class Open(MessageData):
        TYPE = "boards.board_created.v1"
        TOPIC: ClassVar[str] = "boards.events.v1"

    with pytest.raises(ValueError, match="sealed"):
        Published({Board.Created: Open})


def test_a_table_whose_message_needs_more_than_the_event_has_is_refused():
    class Demanding(CardRemoved):
        who_did_it: str

    with pytest.raises(ValueError, match="whoDidIt"):
        Published({Board.CardRemoved: Demanding})


def test_a_table_must_name_the_class_that_its_aggregate_uses():
    class Stranger(Aggregate.Created):
        TOPIC: ClassVar[str] = "boards.board_created"
        SEALED: ClassVar[tuple[str, ...]] = ("/title",)

    with pytest.raises(ValueError, match="through its aggregate"):
        Published({Stranger: BoardCreated})
