"""The house's jail, with what the renderer must see inside and render's own way to say no."""

from collections.abc import Callable
from pathlib import Path

from render.renderer.errors import NoJail
from runtime import jail as house
from runtime.jail import Jail, limits, python_folders

__all__ = ["Jail", "job_wrap", "limits", "open_jail"]


def open_jail(*, allow_none: bool = False) -> Jail:
    """The jail of this machine; raises `NoJail` when there is none and that was not allowed."""
    try:
        return house.open_jail(allow_none=allow_none)
    except house.NoJail as missing:
        raise NoJail(f"Media cannot be rendered here: {missing}.") from missing


def job_wrap(jail: Jail) -> Callable[[list[str], Path], list[str]]:
    """Puts a whole Python job into the jail: its environment read-only, its folder writable."""
    readable = python_folders("render", "scene", "runtime")

    def wrap(command: list[str], folder: Path) -> list[str]:
        return jail.wrap(command, folder=folder, readable=readable)

    return wrap
