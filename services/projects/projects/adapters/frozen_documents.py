"""Frozen documents: encrypted with their project's key, stored under their hash."""

import objects
from eventlog.sealing import Sealer
from objects import ObjectStore
from projects.domain.project import Project
from scene.document import Document, document_hash

_TYPE = "application/octet-stream"


def key_of(project_id: str, digest: str) -> str:
    """Where the document lies in the bucket; the key is also what the encryption is bound to."""
    return f"documents/{project_id}/{digest}"


class FrozenDocuments:
    """The bucket `multicanvas-projects`."""

    def __init__(self, store: ObjectStore, sealer: Sealer) -> None:
        self._store = store
        self._sealer = sealer

    async def freeze(self, project: Project, document: Document) -> tuple[str, str]:
        """Store one canvas's document; returns its hash and its key. Repeating it is harmless.

        Raises StoreUnavailable.
        """
        digest = document_hash(document)
        key = key_of(str(project.id), digest)
        blob = await self._sealer.encrypt(document.to_json(), key.encode(), project.key_scope)
        await self._store.put(objects.PROJECTS, key, blob, _TYPE)
        return digest, key

    async def remove(self, project_id: str) -> int:
        """Every document of a project."""
        return await self._store.delete_prefix(objects.PROJECTS, f"documents/{project_id}/")
