"""Which fact of the domain becomes which message: each exactly one."""

from ai.domain.generation import Generation
from contracts import ai as messages
from eventlog import Published

PUBLISHED = Published(
    {
        Generation.Created: messages.AiGenerationRequested,
        Generation.TextGenerated: messages.AiTextGenerated,
        Generation.ImageGenerated: messages.AiImageGenerated,
        Generation.Failed: messages.AiGenerationFailed,
        Generation.ApplyRequested: messages.AiGenerationApplyRequested,
        Generation.Rated: messages.AiGenerationRated,
        Generation.Deleted: messages.AiGenerationDeleted,
    }
)
