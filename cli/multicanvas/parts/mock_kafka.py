"""The broker where Kafka's jars cannot be had: librdkafka's mock broker in a process of its own."""

import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from contracts.topics import TOPICS, Topic
from multicanvas.parts import mock_broker
from multicanvas.parts.child import Child, Order
from multicanvas.parts.part import Check
from multicanvas.parts.ports import Ports, accepts

NOTICE: Final = (
    "no Kafka here (its jars need Maven): starting on librdkafka's test broker. It keeps events in "
    "memory only, 5 MB a partition; services fill it again from their databases"
)


class MockKafka:
    """Speaks Kafka's protocol, with one member a group, without transactions, without a disk.

    Its topics are made at start, because it knows no CreateTopics.
    """

    name = "kafka"

    def __init__(self, home: Path, ports: Ports, topics: Iterable[Topic] = TOPICS) -> None:
        self._ports = ports
        self._topics = [f"{topic.name}:{topic.partitions}" for topic in topics]
        self._child = Child(self.name, home)
        self._port: int | None = None

    def claim(self) -> str:
        """Bootstrap address `host:port`."""
        if self._port is None:
            self._child.sweep()
            self._port = self._ports.take("kafka")
        return f"127.0.0.1:{self._port}"

    def start(self) -> str:
        endpoint, port = self.claim(), self._port or 0
        # By its file: the package around it imports more than the broker needs.
        argv = [sys.executable, "-I", mock_broker.__file__, str(port), *self._topics]
        self._child.start(Order(argv, signal.SIGTERM, grace_seconds=2.0))
        self._child.wait_until(lambda: accepts(port), 30.0)
        return endpoint

    def stop(self) -> None:
        self._child.stop()

    def running(self) -> bool:
        return self._child.running()

    @staticmethod
    def check() -> Check:
        if mock_broker.library() is None:
            return Check("kafka", False, "no test broker", "run `make setup` (confluent-kafka)")
        return Check("kafka", True, "librdkafka's test broker, in memory")
