"""`python -m media serve|migrate`."""

from media.app import MIGRATIONS, build
from media.settings import MediaSettings
from runtime.service import main

if __name__ == "__main__":
    main(build, MediaSettings, MIGRATIONS)
