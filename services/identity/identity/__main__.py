"""`python -m identity serve|migrate`."""

from identity.app import MIGRATIONS, build
from identity.settings import IdentitySettings
from runtime.service import main

if __name__ == "__main__":
    main(build, IdentitySettings, MIGRATIONS)
