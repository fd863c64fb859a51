"""The `multicanvas` command."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from multicanvas.environment import DEFAULT_PORT, Site, add_operator
from multicanvas.parts import default_home
from multicanvas.parts.embedded import prepare_home


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code."""
    chosen = _parser().parse_args(arguments)
    site = Site(home=default_home(), port=chosen.port, host=chosen.host)
    return _run(chosen, site)


def _run(chosen: argparse.Namespace, site: Site) -> int:
    # Imported on use: `status` and `doctor` must answer at once, and on a half-installed machine.
    if chosen.command == "up":
        return _up(chosen, site)
    if chosen.command == "down":
        from multicanvas.supervisor import stop_background

        return stop_background(site.home)
    if chosen.command == "status":
        return _status(site)
    if chosen.command == "doctor":
        from multicanvas.doctor import report

        return report(site)
    if chosen.command == "demo":
        return _demo(chosen, site)
    if chosen.command in {"secrets", "prepare"}:
        return _container_step(chosen, site)
    prepare_home(site.home)
    add_operator(site.home, chosen.name)
    print(f"{chosen.name} may administer, from the next start on")
    return 0


def _up(chosen: argparse.Namespace, site: Site) -> int:
    from multicanvas.supervisor import run_here, start_in_background
    from multicanvas.system import Plan

    plan = Plan(site, split=chosen.split)
    return run_here(plan) if chosen.foreground else start_in_background(plan)


def _status(site: Site) -> int:
    from multicanvas.supervisor import running_state

    state = running_state(site.home)
    if state is None:
        print("not running")
        return 1
    print(f"running: {state['url']} (pid {state['pid']}, data in {site.home})")
    return 0


def _demo(chosen: argparse.Namespace, site: Site) -> int:
    from multicanvas.demo_run import run_demo

    return run_demo(site, chosen.output)


def _container_step(chosen: argparse.Namespace, site: Site) -> int:
    from multicanvas.containers import prepare_given_parts, write_container_secrets

    if chosen.command == "prepare":
        prepare_given_parts(site.home)
    else:
        write_container_secrets(chosen.folder, chosen.public_url, chosen.s3_public_endpoint)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="multicanvas", description=__doc__)
    port = int(os.environ.get("MULTICANVAS_PORT") or DEFAULT_PORT)
    host = os.environ.get("MULTICANVAS_GATEWAY_HTTP_HOST") or "127.0.0.1"
    parser.set_defaults(port=port, host=host)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start everything; it goes on in the background")
    up.add_argument("--split", action="store_true", help="one process per service")
    up.add_argument("--foreground", action="store_true", help="stay, until Ctrl-C or SIGTERM")
    up.add_argument("--port", type=int, default=port, help=f"of the gateway ({port})")
    up.add_argument("--host", default=host, help=f"that the gateway listens on ({host})")
    commands.add_parser("down", help="stop everything; the data is kept")
    commands.add_parser("status", help="whether it runs, and where")
    commands.add_parser("doctor", help="what is needed, what is there, how to fix it")
    demo = commands.add_parser("demo", help="the main job on real input, from start to files")
    demo.add_argument("--output", type=Path, default=Path("demo-output"), help="where files go")
    secrets = commands.add_parser("secrets", help="for containers: make secrets, a folder for each")
    secrets.add_argument("folder", type=Path)
    secrets.add_argument("--public-url", default=f"http://127.0.0.1:{port}")
    secrets.add_argument("--s3-public-endpoint", default="http://127.0.0.1:8333")
    commands.add_parser("prepare", help="databases, topics and buckets on parts that run already")
    operator = commands.add_parser("operator", help="people who administer this installation")
    adding = operator.add_subparsers(dest="action", required=True).add_parser("add")
    adding.add_argument("name", help="user id or e-mail address")
    return parser


if __name__ == "__main__":
    sys.exit(main())
