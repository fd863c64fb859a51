"""librdkafka's mock broker as a server on a port of our choice. It keeps nothing on disk.

    python mock_broker.py PORT TOPIC:PARTITIONS …

A process of its own, because the mock broker ends its process where it finds itself in a wrong
state. It binds a random port; clients are told of ours, from which everything is passed on.
"""

import asyncio
import contextlib
import ctypes
import importlib.util
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

_PRODUCER: Final = 0
_ERROR_BYTES: Final = 512
_HEARTBEAT: Final = 12
_GROUP_ID_NOT_FOUND: Final = 69
_UNKNOWN_MEMBER_ID: Final = 25


def library() -> Path | None:
    """The shared library inside the package `confluent-kafka`, found without importing it."""
    spec = importlib.util.find_spec("confluent_kafka")
    if spec is None or spec.origin is None:
        return None
    packages = Path(spec.origin).parents[1]
    found = [
        *packages.glob("confluent_kafka.libs/librdkafka*"),
        *packages.glob("confluent_kafka/.dylibs/librdkafka*"),
    ]
    return found[0] if found else None


class MockCluster:
    """One broker. It lives as long as the process."""

    def __init__(self, shared_object: Path) -> None:
        self._lib = ctypes.CDLL(str(shared_object))
        for name in ("rd_kafka_new", "rd_kafka_mock_cluster_new"):
            getattr(self._lib, name).restype = ctypes.c_void_p
        self._lib.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
        error = ctypes.create_string_buffer(_ERROR_BYTES)
        handle = self._lib.rd_kafka_new(_PRODUCER, None, error, ctypes.c_size_t(_ERROR_BYTES))
        if not handle:
            raise OSError(f"librdkafka: {error.value.decode()}")
        cluster = self._lib.rd_kafka_mock_cluster_new(ctypes.c_void_p(handle), 1)
        if not cluster:
            raise OSError("librdkafka made no mock broker")
        self._cluster = ctypes.c_void_p(cluster)
        # Else every group waits three seconds for members that never come.
        self._lib.rd_kafka_mock_group_initial_rebalance_delay_ms(self._cluster, 0)

    @property
    def port(self) -> int:
        """Where it listens itself."""
        address: bytes = self._lib.rd_kafka_mock_cluster_bootstraps(self._cluster)
        return int(address.decode().rpartition(":")[2])

    def advertise(self, port: int) -> None:
        """What it tells clients to be its address."""
        self._check(
            self._lib.rd_kafka_mock_broker_set_host_port(self._cluster, 1, b"127.0.0.1", port)
        )

    def create_topic(self, name: str, partitions: int) -> None:
        self._check(
            self._lib.rd_kafka_mock_topic_create(self._cluster, name.encode(), partitions, 1)
        )

    def _check(self, code: int) -> None:
        if code != 0:
            raise OSError(f"librdkafka answers with error {code}")


async def serve(port: int, cluster: MockCluster) -> None:
    """Passes connections on, both ways, for ever."""
    inner = cluster.port
    cluster.advertise(port)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            from_broker, to_broker = await asyncio.open_connection("127.0.0.1", inner)
            passing = _Passing()
            await asyncio.gather(
                _pass(reader, to_broker, passing.request),
                _pass(from_broker, writer, passing.response),
            )

    server = await asyncio.start_server(connected, "127.0.0.1", port)
    await server.serve_forever()


class _Passing:
    """What goes over one connection, changed in one place.

    A broker that was started again knows no group: Kafka tells its members UNKNOWN_MEMBER_ID, upon
    which they join again. The mock broker says GROUP_ID_NOT_FOUND, which clients do not expect.
    """

    def __init__(self) -> None:
        self._heartbeats: dict[int, int] = {}

    def request(self, frame: bytearray) -> None:
        key, version, correlation = struct.unpack_from(">hhi", frame)
        if key == _HEARTBEAT:
            self._heartbeats[correlation] = version

    def response(self, frame: bytearray) -> None:
        (correlation,) = struct.unpack_from(">i", frame)
        version = self._heartbeats.pop(correlation, None)
        if version is None:
            return
        # After the correlation id: tagged fields from version 4 on, throttle time from 1 on.
        place = 4 + (1 if version >= 4 else 0) + (4 if version >= 1 else 0)
        if struct.unpack_from(">h", frame, place)[0] == _GROUP_ID_NOT_FOUND:
            struct.pack_into(">h", frame, place, _UNKNOWN_MEMBER_ID)


async def _pass(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    look: Callable[[bytearray], None],
) -> None:
    try:
        while True:
            size = await reader.readexactly(4)
            frame = bytearray(await reader.readexactly(int.from_bytes(size, "big")))
            look(frame)
            writer.write(size + frame)
            await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass  # the other direction ends as well, and the client connects anew
    finally:
        writer.close()


def main() -> None:
    shared_object = library()
    if shared_object is None:
        sys.exit("confluent-kafka is not installed")
    cluster = MockCluster(shared_object)
    for topic in sys.argv[2:]:
        name, _, partitions = topic.rpartition(":")
        cluster.create_topic(name, int(partitions))
    asyncio.run(serve(int(sys.argv[1]), cluster))


if __name__ == "__main__":
    main()
