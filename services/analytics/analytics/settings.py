"""Settings of the analytics service, from the environment."""

from typing import ClassVar

from runtime.settings import ServiceSettings


class AnalyticsSettings(ServiceSettings):
    SERVICE: ClassVar[str] = "analytics"
