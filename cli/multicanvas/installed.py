"""The services as Python packages: how to build, configure and migrate each."""

import importlib
import typing
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.service import Service
from runtime.settings import ServiceSettings


@dataclass(frozen=True)
class Installed:
    """What the package `<name>.app` offers. `seed` writes data that comes with the product where it
    is not there yet, and returns how much was new."""

    name: str
    build: Callable[[Any], Awaitable[Service]]
    settings_type: type[ServiceSettings]
    migrations: Sequence[tuple[str, Path]]
    seed: Callable[[Any], Awaitable[int]] | None

    def settings(self) -> ServiceSettings:
        """From the environment. Raises `pydantic.ValidationError` naming what is missing."""
        return self.settings_type()  # pyright: ignore[reportCallIssue] - the environment fills it


def load_service(name: str) -> Installed:
    """Imports `<name>.app`: `build(settings: …)`, `MIGRATIONS`, perhaps `seed_catalogue`."""
    app = importlib.import_module(f"{name}.app")
    settings_type = typing.get_type_hints(app.build)["settings"]
    seed = getattr(app, "seed_catalogue", None)
    return Installed(name, app.build, settings_type, app.MIGRATIONS, seed)
