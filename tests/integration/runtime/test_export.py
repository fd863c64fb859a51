"""Spans reach an OTLP collector; a collector that is away does not keep a service from ending."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

SERVICE = """
import sys
from runtime import telemetry
telemetry.export_traces(sys.argv[1])
telemetry.enter_service("bakery")
with telemetry.span("bake"):
    pass
telemetry.flush()
"""


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    received: list[tuple[str, bytes]] = []

    class Collect(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["content-length"])
            received.append((self.path, self.rfile.read(size)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            return

    server = HTTPServer(("127.0.0.1", 0), Collect)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", received
    server.shutdown()
    server.server_close()


def serve(endpoint: str) -> None:
    subprocess.run([sys.executable, "-c", SERVICE, endpoint], check=True, timeout=30)


def test_a_collector_gets_the_spans_of_each_service(
    collector: tuple[str, list[tuple[str, bytes]]],
) -> None:
    endpoint, received = collector
    serve(endpoint)
    assert [path for path, _ in received] == ["/v1/traces"]
    body = received[0][1]
    assert b"bakery" in body
    assert b"bake" in body


def test_a_collector_that_is_away_does_not_keep_a_service_from_ending() -> None:
    started = time.monotonic()
    serve("http://127.0.0.1:9")
    assert time.monotonic() - started < 5
