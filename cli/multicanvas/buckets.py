"""Who may do what in which bucket: one owner each, and read-only keys for those who need it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from multicanvas.parts import S3Identity
from multicanvas.secrets import Secrets
from objects import AI, MEDIA, PROJECTS, RENDER


@dataclass(frozen=True)
class Rights:
    """`owns` may be read, written, listed and emptied; of `reads` single objects are read."""

    owns: str
    reads: tuple[str, ...] = ()

    @property
    def actions(self) -> tuple[str, ...]:
        own = tuple(f"{action}:{self.owns}" for action in ("Read", "Write", "List"))
        return own + tuple(f"Read:{bucket}" for bucket in self.reads)


# Services that are not named have no keys at all: gateway, identity and analytics.
BUCKET_RIGHTS: Final[Mapping[str, Rights]] = {
    "projects": Rights(PROJECTS),
    "ai": Rights(AI),
    "media": Rights(MEDIA, reads=(AI,)),
    "render": Rights(RENDER, reads=(PROJECTS, MEDIA, AI)),
}


def service_identities(secrets: Secrets) -> tuple[S3Identity, ...]:
    """What the object store is to know besides the keys that may do everything."""
    return tuple(
        S3Identity(service, keys["access_key"], keys["secret_key"], BUCKET_RIGHTS[service].actions)
        for service, keys in secrets.s3_services.items()
    )


def service_keys(secrets: Secrets) -> dict[str, str]:
    """The settings `<SERVICE>_S3_ACCESS_KEY` and `<SERVICE>_S3_SECRET_KEY`."""
    return {
        f"{service.upper()}_S3_{name.upper()}": value
        for service, keys in secrets.s3_services.items()
        for name, value in keys.items()
    }
