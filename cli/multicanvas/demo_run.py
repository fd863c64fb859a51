"""Runs the demo against the system of this home, starting it first where it does not run."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from multicanvas.demo import tell
from multicanvas.demo.client import DemoFailed
from multicanvas.environment import Site
from multicanvas.parts.embedded import prepare_home
from multicanvas.parts.ports import Ports, is_free
from multicanvas.supervisor import log_file, running_state, start_in_background, stop_background
from multicanvas.system import Plan


def run_demo(site: Site, output: Path) -> int:
    """Returns the exit code. What it started it stops again; a running system is left running."""
    state = running_state(site.home)
    if state is None:
        prepare_home(site.home)
        if not is_free(site.port):
            site = replace(site, port=Ports(site.home / "ports.json").take("demo"))
        if start_in_background(Plan(site)) != 0:
            return 1
    try:
        asyncio.run(tell(state["url"] if state else site.public_url, output))
    except DemoFailed as failure:
        print(f"{failure}\nthe system's log: {log_file(site.home)}", file=sys.stderr)
        return 1
    finally:
        if state is None:
            stop_background(site.home)
    print(f"The files are in {output}/. `make up` starts the system to look around.")
    return 0
