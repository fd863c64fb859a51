"""Settings of the media service, from the environment."""

from typing import ClassVar

from runtime.settings import ServiceSettings


class MediaSettings(ServiceSettings):
    """`MULTICANVAS_MEDIA_WITHOUT_JAIL` takes users' files on machines that offer no sandbox."""

    SERVICE: ClassVar[str] = "media"
    PER_SERVICE: ClassVar[frozenset[str]] = ServiceSettings.PER_SERVICE | {"without_jail"}

    upload_seconds: int = 900
    without_jail: bool = False
