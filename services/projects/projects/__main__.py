"""`python -m projects serve|migrate|seed`."""

import asyncio
import logging
import sys

from projects.app import MIGRATIONS, build, seed_catalogue
from projects.settings import ProjectsSettings
from runtime import logs
from runtime.service import main


def _seed() -> None:
    settings = ProjectsSettings()  # pyright: ignore[reportCallIssue] - the environment fills it
    logs.configure(settings.log_level)
    new = asyncio.run(seed_catalogue(settings))
    logging.getLogger(__name__).info("seeded", extra={"new": new})


if __name__ == "__main__":
    if sys.argv[1:] == ["seed"]:
        _seed()
    else:
        main(build, ProjectsSettings, MIGRATIONS)
