"""A generation: one request for a text or an image, and what became of it."""

from decimal import Decimal
from typing import Any, ClassVar, Literal
from uuid import UUID

from ai.domain import refusals
from eventlog.domain import Aggregate, KeyScope, event

Kind = Literal["text", "image"]
Status = Literal["pending", "completed", "failed", "refused"]


class Generation(Aggregate):
    TOPIC: ClassVar[str] = "ai.generation"

    class Created(Aggregate.Created):
        TOPIC: ClassVar[str] = "ai.ai_generation_requested"
        SEALED: ClassVar[tuple[str, ...]] = ("/prompt", "/context", "/negativePrompt", "/style")
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

    class TextGenerated(Aggregate.Event):
        """`response_time` in milliseconds, `cost` in US dollars."""

        TOPIC: ClassVar[str] = "ai.ai_text_generated"
        SEALED: ClassVar[tuple[str, ...]] = ("/generatedText", "/alternatives")
        project_id: UUID
        user_id: str
        provider: str
        model: str
        generated_text: str | None = None
        alternatives: list[str] | None = None
        tokens_used: int | None = None
        cost: Decimal | None = None
        response_time: int | None = None

    class ImageGenerated(Aggregate.Event):
        """`generation_time` in milliseconds; the bytes lie under `object_key`."""

        TOPIC: ClassVar[str] = "ai.ai_image_generated"
        SEALED: ClassVar[tuple[str, ...]] = ("/objectKey", "/alternativeKeys", "/sha256")
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

    class Failed(Aggregate.Event):
        TOPIC: ClassVar[str] = "ai.ai_generation_failed"
        SEALED: ClassVar[tuple[str, ...]] = ("/message",)
        project_id: UUID
        user_id: str
        provider: str
        code: str
        refused: bool = False
        message: str | None = None

    class ApplyRequested(Aggregate.Event):
        TOPIC: ClassVar[str] = "ai.ai_generation_apply_requested"
        SEALED: ClassVar[tuple[str, ...]] = ("/text",)
        project_id: UUID
        user_id: str
        kind: str
        provider: str
        element_id: UUID
        text: str | None = None
        media_id: UUID | None = None

    class Rated(Aggregate.Event):
        TOPIC: ClassVar[str] = "ai.ai_generation_rated"
        SEALED: ClassVar[tuple[str, ...]] = ("/feedback",)
        project_id: UUID
        user_id: str
        stars: int
        feedback: str | None = None

    class Deleted(Aggregate.Event):
        TOPIC: ClassVar[str] = "ai.ai_generation_deleted"
        project_id: UUID
        user_id: str

    @event(Created)
    def __init__(
        self, project_id: UUID, user_id: str, kind: str, provider: str, model: str
    ) -> None:
        self.project_id = project_id
        self.user_id = user_id
        self.kind = kind
        self.provider = provider
        self.model = model
        self.status: Status = "pending"
        self.texts: list[str] = []
        self.media_id: UUID | None = None
        self.is_deleted = False

    @classmethod
    def request(cls, generation_id: UUID, **facts: Any) -> "Generation":
        """Ask; `facts` are the fields of Created."""
        return cls._create(cls.Created, id=generation_id, **facts)

    @property
    def key_scope(self) -> KeyScope:
        return KeyScope("generation", str(self.id), self.project_id, self.user_id)

    @property
    def is_wanted(self) -> bool:
        """Whether a result is still waited for."""
        return self.status == "pending" and not self.is_deleted

    def text_generated(self, text: str, alternatives: list[str], **facts: Any) -> None:
        """Keep a text. A second result of the same request is ignored: the first one counts."""
        if self.is_wanted:
            self.trigger_event(
                self.TextGenerated,
                project_id=self.project_id,
                user_id=self.user_id,
                provider=self.provider,
                model=self.model,
                generated_text=text,
                alternatives=alternatives,
                **facts,
            )

    def image_generated(self, **facts: Any) -> None:
        if self.is_wanted:
            self.trigger_event(
                self.ImageGenerated,
                project_id=self.project_id,
                user_id=self.user_id,
                provider=self.provider,
                model=self.model,
                **facts,
            )

    def fail(self, code: str, message: str, *, refused: bool) -> None:
        if self.is_wanted:
            self.trigger_event(
                self.Failed,
                project_id=self.project_id,
                user_id=self.user_id,
                provider=self.provider,
                code=code,
                refused=refused,
                message=message,
            )

    def apply_to(self, element_id: UUID, alternative: int | None = None) -> None:
        """Put the result, or its n-th alternative, into an element of the project."""
        if self.is_deleted:
            raise refusals.unknown_generation()
        if self.status != "completed":
            raise refusals.not_completed(self.status)
        text = None
        if self.kind == "text":
            place = 0 if alternative is None else alternative + 1
            if not 0 <= place < len(self.texts):
                raise refusals.no_such_alternative(len(self.texts) - 1)
            text = self.texts[place]
        self.trigger_event(
            self.ApplyRequested,
            project_id=self.project_id,
            user_id=self.user_id,
            kind=self.kind,
            provider=self.provider,
            element_id=element_id,
            text=text,
            media_id=self.media_id,
        )

    def rate(self, stars: int, feedback: str | None) -> None:
        if self.is_deleted:
            raise refusals.unknown_generation()
        if self.status != "completed":
            raise refusals.not_completed(self.status)
        self.trigger_event(
            self.Rated,
            project_id=self.project_id,
            user_id=self.user_id,
            stars=stars,
            feedback=feedback,
        )

    def delete(self) -> None:
        if not self.is_deleted:
            self.trigger_event(self.Deleted, project_id=self.project_id, user_id=self.user_id)

    @event(TextGenerated)
    def _text_generated(self, generated_text: str | None, alternatives: list[str] | None) -> None:
        self.status = "completed"
        self.texts = [generated_text or "", *(alternatives or [])]

    @event(ImageGenerated)
    def _image_generated(self, media_id: UUID) -> None:
        self.status = "completed"
        self.media_id = media_id

    @event(Failed)
    def _failed(self, refused: bool) -> None:
        self.status = "refused" if refused else "failed"

    @event(ApplyRequested)
    def _apply_requested(self) -> None: ...

    @event(Rated)
    def _rated(self) -> None: ...

    @event(Deleted)
    def _deleted(self) -> None:
        self.is_deleted = True
