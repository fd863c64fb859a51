"""Loopback ports: free ones, and the same ones again after a restart where they are still free."""

import json
import random
import socket
import threading
from pathlib import Path

# Below the range that the kernel hands to outgoing connections, so that none of them takes a
# port between our choice and the server's bind.
_RANGE = range(20_000, 32_000)


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def accepts(port: int, host: str = "127.0.0.1") -> bool:
    """Whether something listens there."""
    try:
        with socket.create_connection((host, port), timeout=0.5):
            return True
    except OSError:
        return False


class Ports:
    """Ports by name, kept in a JSON file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        try:
            self._known: dict[str, int] = json.loads(file.read_text())
        except (OSError, ValueError):
            self._known = {}

    def take(self, name: str) -> int:
        with self._lock:
            port = self._known.get(name)
            if port is None or not is_free(port):
                port = self._choose()
                self._known[name] = port
                self._file.write_text(json.dumps(self._known, indent=1, sort_keys=True))
            return port

    def _choose(self) -> int:
        taken = set(self._known.values())
        for _ in range(1_000):
            port = random.choice(_RANGE)
            if port not in taken and is_free(port):
                return port
        raise OSError(f"no free port between {_RANGE.start} and {_RANGE.stop}")
