"""A small service on a real bus: one aggregate, a topic of its own, a journal of what arrived."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID, uuid4

import orjson

import eventlog
from contracts import MESSAGES, Envelope, MessageData
from contracts.topics import INCARNATION, REPAIR, TOPICS, Topic, dead_letters_of
from eventlog.consumer import Consumer
from eventlog.consuming import Projection, Reaction
from eventlog.domain import Aggregate
from eventlog.kafka import open_producer, places_of, reading
from eventlog.published import Published
from eventlog.relay import Relay
from eventlog.stored import Metadata, pack
from eventlog.topics_admin import ensure_topics
from runtime import clock, ids
from runtime import migrate as runtime_migrations
from runtime.context import act_as
from runtime.database import Connection, Pool, connected
from tests.support.parts import Database, DatabaseFactory

FOLDERS = [("runtime", runtime_migrations.MIGRATIONS), ("eventlog", eventlog.MIGRATIONS)]


class Counter(Aggregate):
    """Counts. Its events are stored by SQL here, for the domain is not what is tested."""

    TOPIC = "bustest.counter"

    class Created(Aggregate.Created):
        TOPIC = "bustest.created"

    class Counted(Aggregate.Event):
        TOPIC = "bustest.counted"
        number: int


class Counted(MessageData):
    TYPE: ClassVar[str] = "bustest.counted.v1"
    number: int


MESSAGES[Counted.TYPE] = Counted


@dataclass
class Journal:
    """A projection that writes down everything it is given, so that twice and early both show."""

    topic: str
    name: str = "journal"
    refuses: set[int] = field(default_factory=set[int])
    calls: int = 0

    @property
    def topics(self) -> frozenset[str]:
        return frozenset({self.topic})

    @property
    def types(self) -> frozenset[str]:
        return frozenset({Counted.TYPE})

    async def apply(self, connection: Connection, envelope: Envelope, data: MessageData) -> None:
        self.calls += 1
        assert isinstance(data, Counted)
        if data.number in self.refuses:
            raise ValueError(f"{data.number} is too much")
        await connection.execute(
            "INSERT INTO journal (projection, subject, sequence, number) VALUES ($1, $2, $3, $4)",
            self.name,
            envelope.subject,
            envelope.sequence,
            data.number,
        )

    async def reset(self, connection: Connection) -> None:
        await connection.execute("DELETE FROM journal WHERE projection = $1", self.name)


@dataclass
class World:
    """One service's database with its topic on a broker."""

    service: str
    topic: str
    database: Database
    kafka: str
    published: Published

    @property
    def topics(self) -> list[Topic]:
        return [
            Topic(self.topic, 3, None),
            Topic(dead_letters_of(self.topic), 1, None),
            *(topic for topic in TOPICS if topic.name in (REPAIR, INCARNATION)),
        ]

    @property
    def pool(self) -> Pool:
        return self.database.pools.worker

    def relay(self, kind: type[Relay] = Relay, **options: Any) -> Relay:
        return kind(
            self.service, self.pool, self.kafka, self.published, topics=self.topics, **options
        )

    def consumer(
        self,
        *projections: Projection,
        reactions: Sequence[Reaction] = (),
        service: str = "reader",
        kind: type[Consumer] = Consumer,
        **options: Any,
    ) -> Consumer:
        return kind(
            service=f"{service}_{self.service}",
            pools=self.database.pools,
            kafka=self.kafka,
            projections=projections,
            reactions=reactions,
            unsealer=as_it_is,
            tend_seconds=options.pop("tend_seconds", 0.5),
            **options,
        )

    async def append(self, subject: UUID, first: int, count: int) -> None:
        """Events `first` … of one aggregate, in one transaction; each counts its own version."""
        versions = list(range(first, first + count))
        metadata = Metadata(
            actor=f"service:{self.service}",
            command_id=uuid4(),
            command_number=first,
            last=True,
            occurred_at=clock.now(),
            correlation_id=uuid4(),
        ).to_json()
        async with self.pool.acquire() as connection, connection.transaction():
            await act_as(connection, self.database.signer, f"service:{self.service}")
            await connection.fetchval(
                "SELECT eventlog.append_events($1, $2, $3, $4, $5, $6)",
                [subject] * count,
                versions,
                [Counter.Counted.TOPIC] * count,
                [1] * count,
                [pack(orjson.dumps({"number": version})) for version in versions],
                [metadata] * count,
            )

    def message(self, subject: UUID, sequence: int, number: Any = None) -> bytes:
        """What the relay would send for that version."""
        envelope = Envelope(
            id=ids.event_id(subject, sequence),
            type=Counted.TYPE,
            source=self.service,
            subject=str(subject),
            sequence=sequence,
            time=clock.now(),
            data={"number": sequence if number is None else number},
        )
        return orjson.dumps(envelope.model_dump(mode="json", exclude_none=True))

    async def journal(self, projection: str = "journal") -> dict[UUID, list[int]]:
        """Sequences by subject, in the order in which they were applied."""
        rows = await self.pool.fetch(
            "SELECT subject, sequence FROM journal WHERE projection = $1 ORDER BY place", projection
        )
        found: dict[UUID, list[int]] = {}
        for row in rows:
            found.setdefault(UUID(row["subject"]), []).append(row["sequence"])
        return found


async def make_world(database: DatabaseFactory, kafka: str, service: str = "counting") -> World:
    made = await database("bus", FOLDERS, pool_size=8)
    async with connected(made.owner_dsn) as connection:
        await connection.execute(
            "CREATE TABLE journal (place bigint GENERATED ALWAYS AS IDENTITY, projection text, "
            "subject text, sequence bigint, number bigint);"
            "GRANT ALL ON journal TO multicanvas_worker"
        )
    unique = f"{service}_{secrets.token_hex(4)}"
    topic = f"{unique}.events.v1"
    message = type("CountedHere", (Counted,), {"TOPIC": topic, "__module__": __name__})
    world = World(unique, topic, made, kafka, Published({Counter.Counted: message}))
    await ensure_topics(kafka, world.topics)
    return world


@asynccontextmanager
async def running(*parts: Relay | Consumer) -> AsyncGenerator[asyncio.Event]:
    """The parts run inside, and end in good order; the event stops them earlier."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(part.run(stop)) for part in parts]
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def eventually(
    holds: Callable[[], Awaitable[bool]], seconds: float = 15.0, every: float = 0.05
) -> bool:
    """Whether it came true in time."""
    try:
        async with asyncio.timeout(seconds):
            while not await holds():  # noqa: ASYNC110  # what is awaited lies outside this process
                await asyncio.sleep(every)
    except TimeoutError:
        return False
    return True


async def send(world: World, messages: Sequence[tuple[UUID, bytes]]) -> None:
    """Put messages on the topic in this order, past any relay."""
    producer = await open_producer(world.kafka)
    try:
        for subject, value in messages:
            await (await producer.send(world.topic, value, str(subject).encode(), headers=[]))
    finally:
        await producer.stop()


async def on_the_topic(world: World, topic: str | None = None) -> dict[str, list[Any]]:
    """Every record of the topic now: the sequences by key, in the order of the log."""
    name = topic or world.topic
    found: dict[str, list[Any]] = {}
    places = await places_of(world.kafka, [name])
    if not places:
        return found
    async with reading(world.kafka) as consumer:
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        while any([await consumer.position(place) < ends[place] for place in places]):
            for records in (await consumer.getmany(timeout_ms=100)).values():
                for record in records:
                    body = orjson.loads(record.value or b"{}")
                    key = (record.key or b"").decode()
                    found.setdefault(key, []).append(body.get("sequence"))
    return found


async def as_it_is(data: dict[str, Any], event_id: str) -> dict[str, Any]:
    return data
