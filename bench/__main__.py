"""Measurements side by side with peers: `python -m bench` runs the first, or those named.

python -m bench [--list] [NAME …]
"""

import argparse
import ast
import subprocess
import sys
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
FIRST: Final = "append"


def entries() -> dict[str, str]:
    """Modules of this folder that can be run, with the first line of what they say of themselves;
    the one that runs by itself stands first."""
    found: dict[str, str] = {}
    for file in sorted(FOLDER.glob("*.py")):
        source = file.read_text()
        if file.stem.startswith("_") or 'if __name__ == "__main__"' not in source:
            continue
        found[file.stem] = (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]
    return {FIRST: found.pop(FIRST), **found}


def run(name: str) -> int:
    """In a process of its own, so that no measurement warms up or slows down another."""
    print(f"== {name}", flush=True)
    return subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode


def main() -> int:
    known = entries()
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure against peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(known))
    parser.add_argument("--list", action="store_true", help="show what there is")
    given = parser.parse_args()
    if unknown := [name for name in given.names if name not in known]:
        parser.error(f"unknown: {', '.join(unknown)}; there is {', '.join(known)}")
    if given.list:
        for name, says in known.items():
            print(f"{name:15} {says}")
        return 0
    failed = [name for name in given.names or [FIRST] if run(name) != 0]
    if not given.names:
        print(f"More: {', '.join(name for name in known if name != FIRST)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
