"""Put, get and sign objects on any S3 server or in a local folder."""

from objects.files import files_router
from objects.local import LocalStore
from objects.s3 import S3Store
from objects.settings import ObjectSettings, open_store
from objects.store import (
    AI,
    BUCKETS,
    MEDIA,
    PROJECTS,
    RENDER,
    ObjectMissing,
    ObjectStore,
    StoreUnavailable,
    Upload,
)

__all__ = [
    "AI",
    "BUCKETS",
    "MEDIA",
    "PROJECTS",
    "RENDER",
    "LocalStore",
    "ObjectMissing",
    "ObjectSettings",
    "ObjectStore",
    "S3Store",
    "StoreUnavailable",
    "Upload",
    "files_router",
    "open_store",
]
