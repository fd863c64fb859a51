"""The rules of the house that a linter does not know."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for folder in ("libs", "services", "cli")
    for path in (ROOT / folder).rglob("*.py")
    if ".venv" not in path.parts
)
SERVICES = sorted(path.name for path in (ROOT / "services").iterdir() if path.is_dir())
LIBRARIES = sorted(path.name for path in (ROOT / "libs").iterdir() if path.is_dir())
BANNED = {"utils", "util", "helpers", "helper", "common", "manager", "base", "core", "shared"}
LONGEST_FILE = 330
LONGEST_FUNCTION = 55
# A composition root is one list of parts; a graph that ffmpeg reads is one file (design §6).
LONGER = {"app.py:build": 62, "renderer/graph.py": 360}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def allowed(name: str, usual: int) -> int:
    return next((most for ending, most in LONGER.items() if name.endswith(ending)), usual)


def test_there_are_sources_to_judge() -> None:
    assert len(SOURCES) > 150


def test_no_file_outgrows_one_responsibility() -> None:
    long = {
        name_of(path): lines
        for path in SOURCES
        if (lines := path.read_text().count("\n")) > allowed(name_of(path), LONGEST_FILE)
    }
    assert long == {}


def test_no_function_outgrows_one_thought() -> None:
    long: dict[str, int] = {}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno
                name = f"{name_of(path)}:{node.name}"
                if lines > allowed(name, LONGEST_FUNCTION):
                    long[name] = lines
    assert long == {}


def test_names_say_what_is_inside() -> None:
    assert [name_of(path) for path in SOURCES if path.stem in BANNED] == []


def test_nothing_is_left_for_later() -> None:
    left = re.compile(r"\b(TODO|FIXME|XXX)\b")
    assert [name_of(path) for path in SOURCES if left.search(path.read_text())] == []


@pytest.mark.parametrize("package", [*SERVICES, *LIBRARIES])
def test_every_package_has_a_readme_of_one_screen(package: str) -> None:
    folder = "services" if package in SERVICES else "libs"
    readme = (ROOT / folder / package / "README.md").read_text()
    assert readme.startswith(f"# {package}")
    assert readme.count("\n") < 75


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "gateway"])
def test_a_services_readme_names_every_message_it_publishes(service: str) -> None:
    table = (ROOT / "services" / service / service / "publisher.py").read_text()
    readme = (ROOT / "services" / service / "README.md").read_text()
    import contracts

    for message in contracts.MESSAGES.values():
        if re.search(rf"\b{message.__name__}\b", table):
            short = message.TYPE.split(".")[1]
            assert short in readme, f"{short} is published but not in the README"


@pytest.mark.parametrize("service", SERVICES)
def test_services_have_rooms_of_the_same_names(service: str) -> None:
    rooms = {
        "__init__",
        "__main__",
        "adapters",
        "api",
        "app",
        "commands",
        "data",
        "domain",
        "handlers",
        "migrations",
        "projections",
        "publisher",
        "renderer",
        "seeding",
        "settings",
        "subscribers",
        "worker",
    }
    package = ROOT / "services" / service / service
    found = {
        path.stem for path in package.iterdir() if path.name not in ("__pycache__", "py.typed")
    }
    assert found <= rooms
