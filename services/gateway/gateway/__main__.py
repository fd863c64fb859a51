"""`python -m gateway serve|migrate`."""

from gateway.app import MIGRATIONS, build
from gateway.settings import GatewaySettings
from runtime.service import main

if __name__ == "__main__":
    main(build, GatewaySettings, MIGRATIONS)
