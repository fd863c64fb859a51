"""All parts of one home folder, started side by side."""

import contextlib
import fcntl
import os
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from multicanvas.parts.child import PartFailed
from multicanvas.parts.kafka import Kafka, jars_can_be_had
from multicanvas.parts.mock_kafka import NOTICE, MockKafka
from multicanvas.parts.part import Part
from multicanvas.parts.ports import Ports
from multicanvas.parts.postgres import Postgres
from multicanvas.parts.seaweed import S3Endpoint, S3Identity, Seaweed, identities_file
from multicanvas.parts.valkey import Valkey


@dataclass(frozen=True)
class Passwords:
    """What the parts ask of those who connect. The S3 keys may do everything, `s3_others` less."""

    postgres: str
    s3_access_key: str
    s3_secret_key: str
    valkey: str
    s3_others: tuple[S3Identity, ...] = ()


@dataclass(frozen=True)
class Endpoints:
    """Where the parts answer: superuser DSN, bootstrap address, S3, `redis://` URL or None."""

    postgres: str
    kafka: str
    s3: S3Endpoint
    valkey: str | None


class HomeBusy(RuntimeError):
    """Another process runs the parts of this home folder."""


def default_home() -> Path:
    return Path(os.environ.get("MULTICANVAS_HOME") or ".multicanvas").absolute()


def prepare_home(home: Path) -> None:
    """Creates it so that others may pass through to PostgreSQL's data but read nothing."""
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o711)


@contextlib.contextmanager
def holding(home: Path) -> Generator[None]:
    """One owner per home. The kernel lets go of the lock when the owner ends, however it ends."""
    prepare_home(home)
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HomeBusy(f"{home} is in use by another process") from None
        yield


class EmbeddedParts:
    """PostgreSQL, Kafka, SeaweedFS and Valkey with their data in `home`.

    `given` names endpoints of parts that somebody else runs (by part name): those are not started.
    Hold `holding(home)` around the life of this object: start sweeps up what an earlier owner left.
    """

    def __init__(
        self,
        home: Path,
        passwords: Passwords,
        *,
        durable: bool = True,
        given: Mapping[str, str] | None = None,
    ) -> None:
        prepare_home(home)
        ports = Ports(home / "ports.json")
        self._passwords = passwords
        self._given = dict(given or {})
        self._postgres = Postgres(home, ports, passwords.postgres, durable=durable)
        self._kafka = _broker(home, ports, self._given)
        identities = identities_file(
            passwords.s3_access_key, passwords.s3_secret_key, passwords.s3_others
        )
        self._seaweed = Seaweed(home, ports, identities)
        self._valkey = Valkey(home, ports, passwords.valkey)

    @property
    def notice(self) -> str | None:
        """What whoever starts this has to know."""
        return NOTICE if isinstance(self._kafka, MockKafka) else None

    @property
    def parts(self) -> tuple[Part, ...]:
        """Those that run here."""
        every = (self._postgres, self._kafka, self._seaweed, self._valkey)
        return tuple(
            part
            for part in every
            if part.name not in self._given and (part is not self._valkey or Valkey.check().ok)
        )

    def claim(self) -> Endpoints:
        """Where the parts will answer once they are started."""
        with ThreadPoolExecutor(4) as pool:
            claims = {part.name: pool.submit(part.claim) for part in self.parts}
        endpoints = {name: claim.result() for name, claim in claims.items()} | self._given
        keys = self._passwords
        return Endpoints(
            postgres=endpoints["postgres"],
            kafka=endpoints["kafka"],
            s3=S3Endpoint(endpoints["seaweed"], keys.s3_access_key, keys.s3_secret_key),
            valkey=endpoints.get("valkey"),
        )

    def start(self) -> Endpoints:
        """Starts all; when one fails the others are stopped and its PartFailed is raised."""
        endpoints = self.claim()
        with ThreadPoolExecutor(4) as pool:
            starts = [pool.submit(part.start) for part in self.parts]
        failures = [error for start in starts if (error := start.exception())]
        if failures:
            self.stop()
            if len(failures) == 1:
                raise failures[0]
            raise PartFailed("\n".join(str(error) for error in failures))
        return endpoints

    def stop(self) -> None:
        with ThreadPoolExecutor(4) as pool:
            for stopped in [pool.submit(part.stop) for part in self.parts]:
                stopped.result()

    def ended(self) -> list[str]:
        """Names of parts that should run and do not."""
        return [part.name for part in self.parts if not part.running()]

    def revive(self) -> list[str]:
        """Starts those again that ended, on their old ports; returns their names."""
        ended = [part for part in self.parts if not part.running()]
        for part in ended:
            part.start()
        return [part.name for part in ended]


def _broker(home: Path, ports: Ports, given: Mapping[str, str]) -> Kafka | MockKafka:
    """Kafka, if need be after fetching it; the test broker only where that is not possible."""
    if "kafka" in given or jars_can_be_had() or not MockKafka.check().ok:
        return Kafka(home, ports)
    return MockKafka(home, ports)
