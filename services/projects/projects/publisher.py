"""Which message each fact of this service becomes."""

from contracts import projects as messages
from eventlog import Published
from projects.domain.catalogue import Category, Format, Template
from projects.domain.project import Project

PUBLISHED = Published(
    {
        Format.Created: messages.FormatAdded,
        Category.Created: messages.CategoryAdded,
        Template.Created: messages.TemplateSaved,
        Project.Created: messages.ProjectCreated,
        Project.ProjectEdited: messages.ProjectEdited,
        Project.ProjectDeleted: messages.ProjectDeleted,
        Project.TemplateApplied: messages.TemplateApplied,
        Project.CanvasAdded: messages.CanvasAdded,
        Project.CanvasEdited: messages.CanvasEdited,
        Project.CanvasDeleted: messages.CanvasDeleted,
        Project.ElementAdded: messages.ElementAdded,
        Project.ElementEdited: messages.ElementEdited,
        Project.ElementDeleted: messages.ElementDeleted,
        Project.ExportRequested: messages.ExportRequested,
        Project.AiGenerationApplied: messages.AiGenerationApplied,
        Project.AiGenerationApplyRefused: messages.AiGenerationApplyRefused,
    }
)
