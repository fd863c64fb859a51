"""Formats, categories and templates: what everybody may choose from."""

from typing import Any, ClassVar
from uuid import UUID

from eventlog.domain import Aggregate, KeyScope, event


class Format(Aggregate):
    """A social format. Shipped, seals nothing."""

    TOPIC = "projects.format"

    class Created(Aggregate.Created):
        TOPIC: ClassVar[str] = "projects.format_added"
        name: str
        slug: str
        platform: str
        width: int
        height: int
        aspect_ratio: str
        max_duration: int | None = None
        recommended_formats: list[str] = []
        max_file_size: int | None = None
        supported_features: dict[str, Any]
        safe_zones: list[dict[str, Any]] = []
        branding_guidelines: dict[str, Any] | None = None
        is_active: bool = True
        sort_order: int = 0
        limits: dict[str, Any] = {}
        encoding: dict[str, Any] = {}

    @event(Created)
    def __init__(self, slug: str) -> None:
        self.slug = slug

    @classmethod
    def begin(cls, format_id: UUID, **members: Any) -> "Format":
        """`members` are those of its event."""
        return cls._create(cls.Created, id=format_id, **members)


class Category(Aggregate):
    """A template category; a tree by `parent_id`."""

    TOPIC = "projects.category"

    class Created(Aggregate.Created):
        TOPIC: ClassVar[str] = "projects.category_added"
        name: str
        slug: str
        description: str | None = None
        icon: str | None = None
        parent_id: UUID | None = None
        is_active: bool = True
        sort_order: int = 0

    @event(Created)
    def __init__(self, slug: str) -> None:
        self.slug = slug

    @classmethod
    def begin(cls, category_id: UUID, **members: Any) -> "Category":
        """`members` are those of its event."""
        return cls._create(cls.Created, id=category_id, **members)


class Template(Aggregate):
    """A template: layers, placeholders and prompts on one format."""

    TOPIC = "projects.template"

    class Created(Aggregate.Created):
        TOPIC: ClassVar[str] = "projects.template_saved"
        SEALED: ClassVar[tuple[str, ...]] = (
            "/name",
            "/description",
            "/tags",
            "/templateData",
            "/aiPrompts",
            "/placeholders",
        )
        name: str | None = None
        description: str | None = None
        slug: str | None = None
        category_id: UUID
        tags: list[str] | None = None
        social_format_id: UUID
        template_data: dict[str, Any] | None = None
        ai_prompts: dict[str, Any] | None = None
        placeholders: list[dict[str, Any]] | None = None
        created_by: str | None = None
        team_id: UUID | None = None
        visibility: str = "public"
        is_active: bool = True
        is_featured: bool = False

    @event(Created)
    def __init__(self, slug: str | None) -> None:
        self.slug = slug

    @classmethod
    def begin(cls, template_id: UUID, **members: Any) -> "Template":
        """`members` are those of its event."""
        return cls._create(cls.Created, id=template_id, **members)

    @property
    def key_scope(self) -> KeyScope:
        return KeyScope(kind="template", id=str(self.id))
