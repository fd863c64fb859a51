"""Debian's PgBouncer in transaction mode in front of a database."""

import contextlib
import os
import pwd
import shutil
import signal
import tempfile
from collections.abc import Generator
from pathlib import Path
from urllib.parse import urlsplit

from multicanvas.parts.child import Child, Order
from multicanvas.parts.ports import Ports, accepts


def pgbouncer_binary() -> str | None:
    return shutil.which("pgbouncer", path=os.environ.get("PATH", "") + ":/usr/sbin")


@contextlib.contextmanager
def pooler_before(dsn: str, *, server_connections: int) -> Generator[str]:
    """A DSN of the same login through PgBouncer, which keeps so few connections to the server that
    clients must share them."""
    binary = pgbouncer_binary()
    if binary is None:
        raise FileNotFoundError("pgbouncer")
    home = Path(tempfile.mkdtemp(prefix="multicanvas-pgbouncer-"))
    port = Ports(home / "ports.json").take("pgbouncer")
    settings = _settings(home, dsn, port, server_connections)
    user = _account(home)
    child = Child("pgbouncer", home)
    try:
        child.start(Order([binary, str(settings)], signal.SIGINT, grace_seconds=3, user=user))
        child.wait_until(lambda: accepts(port), 10.0)
        server = urlsplit(dsn)
        yield dsn.replace(f"{server.hostname}:{server.port}", f"127.0.0.1:{port}")
    finally:
        child.stop()
        shutil.rmtree(home, ignore_errors=True)


def _settings(home: Path, dsn: str, port: int, server_connections: int) -> Path:
    server = urlsplit(dsn)
    users = home / "users.txt"
    users.write_text(f'"{server.username}" "{server.password}"\n')
    settings = home / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n* = host={server.hostname} port={server.port}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = scram-sha-256\nauth_file = {users}\n"
        f"pool_mode = transaction\ndefault_pool_size = {server_connections}\n"
        "max_client_conn = 200\n"
    )
    return settings


def _account(home: Path) -> tuple[int, int] | None:
    """Like PostgreSQL it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    for path in (home, *home.iterdir()):
        os.chown(path, entry.pw_uid, entry.pw_gid)
    return entry.pw_uid, entry.pw_gid
