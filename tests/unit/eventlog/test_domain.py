"""The vocabulary that domains are written in."""

from datetime import UTC, datetime, timedelta, timezone
from typing import ClassVar
from uuid import uuid4

import pytest
from pydantic import ValidationError

from eventlog.domain import Aggregate, Refusal, at, event, events_of
from tests.support.board import Board, Card
from tests.support.story import check_snapshot_of, given


def test_a_command_becomes_a_fact():
    given(Board(id=uuid4())).when(lambda board: board.put("a", "hello")).then(
        Board.CardPut, card=Card(card_id="a", text="hello")
    ).then_nothing_more()


def test_a_refusal_records_nothing():
    given(Board(id=uuid4())).when(lambda board: board.remove("a")).then_refused("no_such_card", 404)


def test_a_field_of_two_words_reaches_the_event():
    story = given(Board(id=uuid4())).and_given(lambda board: board.put("a"))
    story.when(lambda board: board.remove("a")).then(Board.CardRemoved, card_id="a")


def test_a_body_that_asks_for_what_its_event_lacks_is_refused_at_definition():
    with pytest.raises(TypeError, match="has no"):

        class Shelf(Aggregate):  # pyright: ignore[reportUnusedClass]  # defining it is the test
            TOPIC = "boards.shelf"

            class Created(Aggregate.Created):
                TOPIC: ClassVar[str] = "boards.shelf_created"

            class Moved(Aggregate.Event):
                TOPIC: ClassVar[str] = "boards.shelf_moved"
                place: str

            @event(Moved)
            def move(self, place: str, speed: int = 1) -> None:
                self.place = place


def test_events_happen_at_the_given_moment_in_utc_to_the_millisecond():
    moment = datetime(2026, 5, 1, 12, 0, 0, 123999, tzinfo=timezone(timedelta(hours=2)))
    with at(moment):
        board = Board(id=uuid4())
    assert board.created_on == datetime(2026, 5, 1, 10, 0, 0, 123000, tzinfo=UTC)


def test_an_event_cannot_be_changed():
    board = Board(id=uuid4())
    board.put("a")
    fact = board.collect_events()[1]
    with pytest.raises(ValidationError):
        fact.card = Card(card_id="b")  # pyright: ignore[reportAttributeAccessIssue]  # that is the test


def test_a_snapshot_is_equal_to_what_it_was_taken_of():
    board = Board(id=uuid4(), title="Plan")
    board.put("a", "text", 1 / 3)
    check_snapshot_of(board)


def test_a_snapshot_that_forgets_an_attribute_is_refused():
    board = Board(id=uuid4())
    board.colour = "red"  # pyright: ignore[reportAttributeAccessIssue]  # an attribute State lacks
    with pytest.raises(ValidationError):
        check_snapshot_of(board)


def test_an_aggregate_names_its_events():
    assert events_of(Board) == (Board.Created, Board.CardPut, Board.CardRemoved)


def test_a_refusal_says_what_programs_and_people_need():
    refusal = Refusal("full", "The board is full.", 422, [{"pointer": "/a"}], limit=3)
    assert (refusal.code, refusal.status, refusal.extra) == ("full", 422, {"limit": 3})
    assert str(refusal) == "full: The board is full."
