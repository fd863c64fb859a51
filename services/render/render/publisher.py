"""Which fact of the domain becomes which message: each exactly one."""

from contracts import render as messages
from eventlog import Published
from render.domain.export import Export

PUBLISHED = Published(
    {
        Export.Created: messages.ExportQueued,
        Export.Started: messages.ExportStarted,
        Export.Completed: messages.ExportCompleted,
        Export.Failed: messages.ExportFailed,
        Export.Cancelled: messages.ExportCancelled,
        Export.Retried: messages.ExportRetried,
        Export.Downloaded: messages.ExportDownloaded,
        Export.Deleted: messages.ExportDeleted,
    }
)
