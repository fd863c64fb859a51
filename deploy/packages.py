"""Prints the folders of one workspace package and of those it depends on, for a container image."""

import re
import sys
import tomllib
from pathlib import Path
from typing import Any


def workspace(root: Path) -> dict[str, tuple[Path, list[str]]]:
    """Folder and dependencies of each package, by distribution name."""
    found: dict[str, tuple[Path, list[str]]] = {}
    files = [*root.glob("libs/*/pyproject.toml"), *root.glob("services/*/pyproject.toml")]
    for file in (*files, root / "cli" / "pyproject.toml"):
        project: dict[str, Any] = tomllib.loads(file.read_text())["project"]
        needs = [re.split(r"[^A-Za-z0-9-]", need)[0] for need in project["dependencies"]]
        found[project["name"]] = (file.parent, needs)
    return found


def closure(name: str, root: Path) -> list[Path]:
    """Raises KeyError for a name that is not in the workspace."""
    packages = workspace(root)
    wanted, seen = [name], dict[str, Path]()
    while wanted:
        one = wanted.pop()
        folder, needs = packages[one]
        seen[one] = folder
        wanted += [need for need in needs if need in packages and need not in seen]
    return [seen[one] for one in sorted(seen)]


if __name__ == "__main__":
    service = sys.argv[1]
    distribution = service if service == "multicanvas" else f"multicanvas-{service}"
    folders = closure(distribution, Path(__file__).parents[1])
    sys.stdout.write(" ".join(str(folder) for folder in folders) + "\n")
