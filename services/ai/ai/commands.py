"""What a person may ask of ai."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class _Command(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RequestGeneration(_Command):
    """Sizes in pixels; `apply_to` names the element that receives the result."""

    generation_id: UUID
    project_id: UUID
    user_id: str
    kind: Literal["text", "image"]
    provider: str
    model: str | None
    prompt: str
    context: dict[str, Any] | None = None
    negative_prompt: str | None = None
    style: str | None = None
    width: int | None = None
    height: int | None = None
    seed: int | None = None
    apply_to: UUID | None = None


class ApplyGeneration(_Command):
    generation_id: UUID
    user_id: str
    element_id: UUID
    alternative: int | None


class RateGeneration(_Command):
    generation_id: UUID
    user_id: str
    stars: int
    feedback: str | None


class DeleteGeneration(_Command):
    generation_id: UUID
    user_id: str
