"""Settings of the media service, from the environment."""

from typing import ClassVar

from runtime.settings import ServiceSettings


class MediaSettings(ServiceSettings):
    SERVICE: ClassVar[str] = "media"

    upload_seconds: int = 900
