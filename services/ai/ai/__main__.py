"""`python -m ai serve|migrate`."""

from ai.app import MIGRATIONS, build
from ai.settings import AiSettings
from runtime.service import main

if __name__ == "__main__":
    main(build, AiSettings, MIGRATIONS)
