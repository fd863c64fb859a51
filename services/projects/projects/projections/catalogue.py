"""The tables of formats, categories and templates: written with their events."""

from collections.abc import Sequence
from datetime import datetime

from eventlog.history import Recorded
from projects.domain.catalogue import Category, Format, Template
from runtime.database import Connection

PLACEHOLDER_THUMBNAIL = "pack:contours"


class CatalogueTables:
    """Follows formats, categories and templates."""

    async def apply_all(self, connection: Connection, events: Sequence[Recorded]) -> None:
        for one in events:
            event, moment = one.event, one.metadata.occurred_at
            if isinstance(event, Format.Created):
                await _add_format(connection, event, moment)
            elif isinstance(event, Category.Created):
                await _add_category(connection, event, moment)
            elif isinstance(event, Template.Created):
                await _add_template(connection, event, moment)


async def _add_format(connection: Connection, event: Format.Created, moment: datetime) -> None:
    await connection.execute(
        """insert into social_formats (id, name, slug, platform, width, height, aspect_ratio,
             max_duration, recommended_formats, max_file_size, supported_features, safe_zones,
             branding_guidelines, is_active, sort_order, created_at, updated_at, limits, encoding)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16,
                   $17, $18)""",
        event.originator_id,
        event.name,
        event.slug,
        event.platform,
        event.width,
        event.height,
        event.aspect_ratio,
        event.max_duration,
        event.recommended_formats,
        event.max_file_size,
        event.supported_features,
        event.safe_zones,
        event.branding_guidelines,
        event.is_active,
        event.sort_order,
        moment,
        event.limits,
        event.encoding,
    )


async def _add_category(connection: Connection, event: Category.Created, moment: datetime) -> None:
    await connection.execute(
        """insert into template_categories (id, name, slug, description, icon, parent_id,
             is_active, sort_order, created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)""",
        event.originator_id,
        event.name,
        event.slug,
        event.description,
        event.icon,
        event.parent_id,
        event.is_active,
        event.sort_order,
        moment,
    )


async def _add_template(connection: Connection, event: Template.Created, moment: datetime) -> None:
    await connection.execute(
        """insert into templates (id, name, description, category_id, tags, social_format_id,
             thumbnail_url, template_data, ai_prompts, placeholders, created_by, team_id,
             visibility, is_active, is_featured, created_at, updated_at, slug)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16,
                   $17)""",
        event.originator_id,
        event.name or "",
        event.description,
        event.category_id,
        event.tags or [],
        event.social_format_id,
        PLACEHOLDER_THUMBNAIL,
        event.template_data or {},
        event.ai_prompts,
        event.placeholders or [],
        event.created_by,
        event.team_id,
        event.visibility,
        event.is_active,
        event.is_featured,
        moment,
        event.slug,
    )
