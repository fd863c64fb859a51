"""Which fact of the domain becomes which message: each exactly one."""

from contracts import media as messages
from eventlog import Published
from media.domain.asset import Asset, RefusedUpload

PUBLISHED = Published(
    {
        Asset.Created: messages.MediaReady,
        Asset.Deleted: messages.MediaDeleted,
        RefusedUpload.Created: messages.MediaRefused,
    }
)
