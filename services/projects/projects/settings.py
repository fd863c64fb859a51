"""What the projects service reads from its environment."""

from typing import ClassVar

from runtime.settings import ServiceSettings


class ProjectsSettings(ServiceSettings):
    """`MULTICANVAS_PROJECTS_…` for DSNs and port; the rest is shared by all services."""

    SERVICE: ClassVar[str] = "projects"
