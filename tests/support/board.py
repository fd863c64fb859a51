"""A small domain for tests of the event log: a board with cards, its texts sealed."""

from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from contracts.envelope import MessageData
from eventlog.domain import Aggregate, KeyScope, Refusal, SnapshotState, event
from eventlog.published import Published

TOPIC = "boards.events.v1"


class Card(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)
    card_id: str
    text: str | None = None
    width: float = 1.0


class Board(Aggregate):
    """Cards on a board; at most 20,000."""

    TOPIC = "boards.board"

    class Created(Aggregate.Created):
        TOPIC: ClassVar[str] = "boards.board_created"
        SEALED: ClassVar[tuple[str, ...]] = ("/title",)
        title: str | None = None

    class CardPut(Aggregate.Event):
        TOPIC: ClassVar[str] = "boards.card_put"
        SEALED: ClassVar[tuple[str, ...]] = ("/card/text",)
        class_version: ClassVar[int] = 2
        card: Card

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """Version 1 had the card's members at the top."""
            members = {"cardId": state.pop("cardId"), "text": state.pop("text", None)}
            state["card"] = members

    class CardRemoved(Aggregate.Event):
        TOPIC: ClassVar[str] = "boards.card_removed"
        card_id: str

    class State(SnapshotState):
        title: str | None
        cards: dict[str, Card]

    @event(Created)
    def __init__(self, id: UUID, title: str | None = None) -> None:  # noqa: A002
        self.title = title
        self.cards: dict[str, Card] = {}

    def put(self, card_id: str, text: str | None = None, width: float = 1.0) -> None:
        if len(self.cards) >= 20_000:
            raise Refusal("board_full", "The board is full.", 422)
        self._put(card=Card(card_id=card_id, text=text, width=width))

    def remove(self, card_id: str) -> None:
        if card_id not in self.cards:
            raise Refusal("no_such_card", "There is no such card.", 404)
        self._remove(card_id=card_id)

    @event(CardPut)
    def _put(self, card: Card) -> None:
        self.cards[card.card_id] = card

    @event(CardRemoved)
    def _remove(self, card_id: str) -> None:
        del self.cards[card_id]

    @property
    def key_scope(self) -> KeyScope:
        return KeyScope("project", str(self.id), project_id=self.id)


class BoardCreated(MessageData):
    TYPE = "boards.board_created.v1"
    TOPIC: ClassVar[str] = TOPIC
    SEALED = ("/title",)
    title: str | None = None


class CardPut(MessageData):
    TYPE = "boards.card_put.v1"
    TOPIC: ClassVar[str] = TOPIC
    SEALED = ("/card/text",)
    card: Card


class CardRemoved(MessageData):
    TYPE = "boards.card_removed.v1"
    TOPIC: ClassVar[str] = TOPIC
    card_id: str


PUBLISHED = Published(
    {Board.Created: BoardCreated, Board.CardPut: CardPut, Board.CardRemoved: CardRemoved}
)
