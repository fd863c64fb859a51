"""Appending events: ours with its outbox, against eventsourcing's own PostgreSQL recorder.

    python -m bench.append [--seconds 2] [--rounds 3]

One event of 300 bytes a transaction, each writer on an aggregate of its own, fsync on, interleaved
rounds; pools as large as the number of writers. Absolute rates are this machine's: read the ratios.

- `peer` is PostgresApplicationRecorder.insert_events (psycopg, C build, threads), which locks the
  table and notifies for each insert, and has no outbox besides its table.
- `append` is our transaction: signed context, append_events with rights, guard and outbox, commit.
- `command` is EventLog.run: load, decide, seal, append, commit.
"""

import argparse
import asyncio
import os
import statistics
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import uvloop
from eventsourcing.persistence import StoredEvent as PeerEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

from bench.databases import Fresh, fresh_database
from eventlog.answers import Answer
from eventlog.append import append
from eventlog.log import EventLog
from eventlog.stored import Metadata, StoredEvent
from eventlog.unit import Unit
from runtime.context import Context, acting
from runtime.ids import uuid7
from tests.support.board import PUBLISHED, Board

WRITERS = (1, 8, 32)
STATE = b'{"text":"' + os.urandom(144).hex().encode() + b'"}'
Write = Callable[[int, int], Awaitable[None]]


@dataclass(frozen=True)
class Rate:
    """Transactions a second, and the slowest of a hundred in milliseconds."""

    per_second: float
    p99: float


def measure_peer(fresh: Fresh, writers: int, seconds: float) -> Rate:
    store = PostgresDatastore(
        dbname=fresh.name,
        host=fresh.host,
        port=fresh.port,
        user=fresh.owner,
        password=fresh.password,
        pool_size=writers,
        max_waiting=writers,
    )
    recorder = PostgresApplicationRecorder(store, events_table_name=f"peer_{uuid4().hex}")
    recorder.create_table()
    until = time.perf_counter() + seconds
    took: list[list[float]] = [[] for _ in range(writers)]

    def write(mine: list[float]) -> None:
        aggregate, version = uuid4(), 0
        while (start := time.perf_counter()) < until:
            version += 1
            recorder.insert_events([PeerEvent(aggregate, version, "boards.card_put", STATE)])
            mine.append(time.perf_counter() - start)

    threads = [threading.Thread(target=write, args=(mine,)) for mine in took]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    return _rate(took, seconds)


async def measure(write: Write, writers: int, seconds: float) -> Rate:
    until = time.perf_counter() + seconds
    took: list[list[float]] = [[] for _ in range(writers)]

    async def loop(writer: int) -> None:
        count = 0
        while (start := time.perf_counter()) < until:
            count += 1
            await write(writer, count)
            took[writer].append(time.perf_counter() - start)

    await asyncio.gather(*(loop(writer) for writer in range(writers)))
    return _rate(took, seconds)


def _rate(took: list[list[float]], seconds: float) -> Rate:
    every = sorted(one for mine in took for one in mine)
    return Rate(len(every) / seconds, every[int(len(every) * 0.99)] * 1000)


async def measure_append(fresh: Fresh, writers: int, seconds: float) -> Rate:
    pools = await fresh.pools(writers)
    ids = [uuid7() for _ in range(writers)]
    context = Context.for_actor("service:boards")

    async def write(writer: int, version: int) -> None:
        metadata = Metadata(
            context.actor, uuid7(), version, True, context.now, context.correlation_id
        )
        event = StoredEvent(ids[writer], version, "boards.card_put", 1, STATE, metadata)
        async with acting(pools.worker, fresh.signer, context.actor) as connection:
            await append(connection, [event])

    try:
        return await measure(write, writers, seconds)
    finally:
        await pools.close()


async def measure_command(fresh: Fresh, writers: int, seconds: float) -> Rate:
    pools = await fresh.pools(writers)
    log = EventLog(
        service="boards", pools=pools, signer=fresh.signer, keys=fresh.sealer, published=PUBLISHED
    )
    ids = [uuid7() for _ in range(writers)]
    context = Context.for_actor("service:boards")

    async def begin(unit: Unit) -> Answer:
        unit.record(*(Board(id=one) for one in ids))
        return Answer(201)

    def putting(board_id: UUID, count: int) -> Callable[[Unit], Awaitable[Answer]]:
        async def work(unit: Unit) -> Answer:
            board = await unit.load(Board, board_id)
            board.put(f"card {count % 20}", STATE.decode())
            unit.record(board)
            return Answer(200)

        return work

    async def write(writer: int, count: int) -> None:
        await log.run(context, putting(ids[writer], count))

    try:
        await log.run(context, begin)
        return await measure(write, writers, seconds)
    finally:
        await pools.close()


async def main(seconds: float, rounds: int) -> None:
    print(__doc__)
    async with fresh_database() as fresh:
        for writers in WRITERS:
            found: dict[str, list[Rate]] = {"peer": [], "append": [], "command": []}
            for _ in range(rounds):
                peer = await asyncio.to_thread(measure_peer, fresh, writers, seconds)
                found["peer"].append(peer)
                found["append"].append(await measure_append(fresh, writers, seconds))
                found["command"].append(await measure_command(fresh, writers, seconds))
            _print(writers, found)


def _print(writers: int, found: dict[str, list[Rate]]) -> None:
    print(f"{writers} writers")
    for name, rates in found.items():
        ratios = [
            one.per_second / peer.per_second for one, peer in zip(rates, found["peer"], strict=True)
        ]
        print(
            f"  {name:8} {statistics.median(one.per_second for one in rates):7.0f}/s"
            f"  p99 {statistics.median(one.p99 for one in rates):6.1f} ms"
            f"  x{statistics.median(ratios):.2f} (x{min(ratios):.2f} to x{max(ratios):.2f})"
        )


def arguments() -> Any:
    parser = argparse.ArgumentParser(description="Append against eventsourcing's recorder.")
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        given = arguments()
        uvloop.run(main(given.seconds, given.rounds))
