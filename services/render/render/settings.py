"""Settings of the render service, from the environment."""

from pathlib import Path
from typing import ClassVar

from runtime.settings import ServiceSettings


class RenderSettings(ServiceSettings):
    """`MULTICANVAS_RENDER_<FIELD>`: `concurrency` jobs at a time (0: this process renders none),
    `lease_seconds` until a silent worker's job is taken over, `without_jail` allows user media on
    machines that offer no sandbox, `work_folder` holds the job folders.
    """

    SERVICE: ClassVar[str] = "render"
    PER_SERVICE: ClassVar[frozenset[str]] = ServiceSettings.PER_SERVICE | {
        "concurrency",
        "lease_seconds",
        "without_jail",
        "work_folder",
    }

    concurrency: int = 1
    lease_seconds: float = 15.0
    without_jail: bool = False
    work_folder: Path | None = None
