"""`python -m render serve|migrate`."""

from render.app import MIGRATIONS, build
from render.settings import RenderSettings
from runtime.service import main

if __name__ == "__main__":
    main(build, RenderSettings, MIGRATIONS)
