"""`python -m analytics serve|migrate`."""

from analytics.app import MIGRATIONS, build
from analytics.settings import AnalyticsSettings
from runtime.service import main

if __name__ == "__main__":
    main(build, AnalyticsSettings, MIGRATIONS)
