"""What a project needs to know about a social format."""

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class _Facts(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True
    )


class CanvasFormat(_Facts):
    """Size in canvas pixels and platform (J08)."""

    width: int
    height: int
    platform: str
    aspect_ratio: str


class FormatFacts(_Facts):
    """A format of the catalogue: seed columns SF01-SF15, limits and encoding beside them."""

    id: str
    name: str
    slug: str
    platform: str
    width: int
    height: int
    aspect_ratio: str
    max_duration: int | None = None
    recommended_formats: list[str] = []
    max_file_size: int | None = None
    supported_features: dict[str, Any] = {}
    safe_zones: list[dict[str, Any]] = []
    branding_guidelines: dict[str, Any] | None = None
    is_active: bool = True
    sort_order: int = 0
    limits: dict[str, Any] = {}
    encoding: dict[str, Any] = {}

    @property
    def on_canvas(self) -> CanvasFormat:
        return CanvasFormat(
            width=self.width,
            height=self.height,
            platform=self.platform,
            aspect_ratio=self.aspect_ratio,
        )

    @property
    def is_static(self) -> bool:
        """A format without a time line: `max_duration` is null (B02)."""
        return self.max_duration is None
