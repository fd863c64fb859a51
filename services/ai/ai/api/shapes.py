"""What goes in and out of ai's routes."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

import objects
from ai.projections.generations import GenerationRow
from objects import ObjectStore
from runtime import http

URL_SECONDS = 300
Line = Annotated[str, StringConstraints(max_length=400)]
Prompt = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
Pixels = Annotated[int, Field(ge=64, le=4096)]


class TextContext(http.Request):
    """For whom and in which voice (J12)."""

    platform: Line = ""
    content_type: Literal["caption", "headline", "cta", "hashtags", "description"] = "caption"
    tone: Line = ""
    target_audience: Line = ""
    brand_voice: Line | None = None
    keywords: Annotated[list[Line], Field(max_length=30)] | None = None
    max_length: Annotated[int, Field(ge=1, le=5000)] | None = None


class NewText(http.Request):
    """`applyTo` is the element that receives the text when it is there."""

    id: UUID | None = None
    provider: str = "builtin"
    model: str | None = None
    prompt: Prompt
    context: TextContext = TextContext()
    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    apply_to: UUID | None = None


class NewImage(http.Request):
    """Sizes in pixels. `applyTo` is the element that receives the image when it is there."""

    id: UUID | None = None
    provider: str = "builtin"
    model: str | None = None
    prompt: Prompt
    negative_prompt: Prompt | None = None
    style: Line | None = None
    width: Pixels
    height: Pixels
    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    apply_to: UUID | None = None


class Application(http.Request):
    """`alternative` counts from 0; without it the first result is used."""

    element_id: UUID
    alternative: Annotated[int, Field(ge=0, le=20)] | None = None


class Judgement(http.Request):
    stars: Annotated[int, Field(ge=1, le=5)]
    feedback: Annotated[str, StringConstraints(max_length=2000)] | None = None


class Queued(http.Answer):
    id: UUID
    project_id: UUID
    kind: str
    provider: str
    model: str
    status: str


class Generation(http.Answer):
    """A generation and its result. `cost` in US dollars, null when unknown; times in ms."""

    id: UUID
    project_id: UUID
    user_id: str
    kind: str
    provider: str
    model: str
    status: str
    prompt: str
    context: dict[str, Any] | None
    generated_text: str | None
    alternatives: list[str]
    media_id: UUID | None
    image_url: str | None
    width: int | None
    height: int | None
    seed: str | None
    tokens_used: int | None
    cost: Decimal | None
    response_time: int | None
    apply_to: UUID | None
    is_used: bool
    applied_to_element: str | None
    apply_error: str | None
    user_rating: int | None
    error_code: str | None
    error_message: str | None
    created_at: datetime


class Provider(http.Answer):
    name: str
    kinds: list[str]
    models: dict[str, list[str]]
    is_ai: bool


def shown(row: GenerationRow, store: ObjectStore) -> Generation:
    url = None
    if row.object_key:
        url = store.sign_get(objects.AI, row.object_key, seconds=URL_SECONDS)
    return Generation(
        **{name: getattr(row, name) for name in _SAME},
        alternatives=(row.alternatives or []) if row.kind == "text" else [],
        image_url=url,
        seed=str(row.seed) if row.seed is not None else None,
        response_time=row.millis,
    )


_SAME = [
    "id",
    "project_id",
    "user_id",
    "kind",
    "provider",
    "model",
    "status",
    "prompt",
    "context",
    "generated_text",
    "media_id",
    "width",
    "height",
    "tokens_used",
    "cost",
    "apply_to",
    "is_used",
    "applied_to_element",
    "apply_error",
    "user_rating",
    "error_code",
    "error_message",
    "created_at",
]
