"""Tells the bus how far exports are: lossy on purpose, straight to its topic, no outbox."""

import asyncio
import contextlib
import logging

import orjson

from contracts.render import ExportProgress
from contracts.schemas import schema_uri
from eventlog.kafka import KafkaError, Producer, open_producer
from runtime import clock
from runtime.ids import uuid7

log = logging.getLogger(__name__)


class ProgressFeed:
    """`tell` never waits for the broker and never fails; what cannot be sent is dropped."""

    def __init__(self, kafka: str) -> None:
        self._kafka = kafka
        self._producer: Producer | None = None
        self._waiting: asyncio.Queue[tuple[str, ExportProgress]] = asyncio.Queue(maxsize=256)

    def tell(self, export_id: str, progress: ExportProgress) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            self._waiting.put_nowait((export_id, progress))

    async def run(self, stop: asyncio.Event) -> None:
        """Sends until `stop`; opens a new producer after an error."""
        try:
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    export_id, progress = await asyncio.wait_for(self._waiting.get(), 0.5)
                    await self._send(export_id, progress)
        finally:
            await self._close()

    async def _send(self, export_id: str, progress: ExportProgress) -> None:
        try:
            if self._producer is None:
                self._producer = await open_producer(self._kafka)
            await self._producer.send(
                progress.TOPIC, _message(export_id, progress), export_id.encode(), headers=[]
            )
        except (KafkaError, OSError) as error:
            log.info("progress was dropped", extra={"reason": type(error).__name__})
            await self._close()

    async def _close(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            with contextlib.suppress(KafkaError, OSError):
                await producer.stop()


def _message(export_id: str, progress: ExportProgress) -> bytes:
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": str(uuid7()),
            "type": progress.TYPE,
            "source": "render",
            "subject": export_id,
            "time": clock.iso(clock.now()),
            "datacontenttype": "application/json",
            "dataschema": schema_uri(progress.TYPE),
            "data": progress.model_dump(mode="json", by_alias=True),
        }
    )
