"""What the ai service tells: generations asked for, made, refused, and where they go."""

from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from contracts import topics
from contracts.envelope import MessageData


class _Fact(MessageData):
    TOPIC: ClassVar[str] = topics.AI


class AiGenerationRequested(_Fact):
    """Someone asked for a text or an image. Subject: the generation's id."""

    TYPE = "ai.ai_generation_requested.v1"
    SEALED = ("/prompt", "/context", "/negativePrompt", "/style")
    project_id: UUID
    user_id: str
    kind: str
    provider: str
    model: str
    prompt: str | None = None
    context: dict[str, Any] | None = None
    negative_prompt: str | None = None
    style: str | None = None
    width: int | None = None
    height: int | None = None
    seed: str | None = None
    apply_to: UUID | None = None


class AiTextGenerated(_Fact):
    """A text is there. `cost` in US dollars, absent when unknown; `responseTime` in ms."""

    TYPE = "ai.ai_text_generated.v1"
    SEALED = ("/generatedText", "/alternatives")
    project_id: UUID
    user_id: str
    provider: str
    model: str
    generated_text: str | None = None
    alternatives: list[str] | None = None
    tokens_used: int | None = None
    cost: Decimal | None = None
    response_time: int | None = None


class AiImageGenerated(_Fact):
    """An image is there, stored under `objectKey`; media registers it as `mediaId`."""

    TYPE = "ai.ai_image_generated.v1"
    SEALED = ("/objectKey", "/alternativeKeys", "/sha256")
    project_id: UUID
    user_id: str
    provider: str
    model: str
    media_id: UUID
    store: str
    bucket: str
    object_key: str | None = None
    alternative_keys: list[str] | None = None
    sha256: str | None = None
    mime_type: str = "image/png"
    file_size: int
    width: int
    height: int
    seed: str | None = None
    cost: Decimal | None = None
    generation_time: int | None = None


class AiGenerationFailed(_Fact):
    """No result: `code` is normalised (timeout, rateLimit, safety …)."""

    TYPE = "ai.ai_generation_failed.v1"
    SEALED = ("/message",)
    project_id: UUID
    user_id: str
    provider: str
    code: str
    refused: bool = False
    message: str | None = None


class AiGenerationApplyRequested(_Fact):
    """Put this result into that element, as the acting person (D19)."""

    TYPE = "ai.ai_generation_apply_requested.v1"
    SEALED = ("/text",)
    project_id: UUID
    user_id: str
    kind: str
    provider: str
    element_id: UUID
    text: str | None = None
    media_id: UUID | None = None


class AiGenerationRated(_Fact):
    """A person judged a result, 1 to 5 stars."""

    TYPE = "ai.ai_generation_rated.v1"
    SEALED = ("/feedback",)
    project_id: UUID
    user_id: str
    stars: int
    feedback: str | None = None


class AiGenerationDeleted(_Fact):
    """A generation was removed from the ledger of its owner."""

    TYPE = "ai.ai_generation_deleted.v1"
    project_id: UUID
    user_id: str


MESSAGES: tuple[type[MessageData], ...] = (
    AiGenerationRequested,
    AiTextGenerated,
    AiImageGenerated,
    AiGenerationFailed,
    AiGenerationApplyRequested,
    AiGenerationRated,
    AiGenerationDeleted,
)
