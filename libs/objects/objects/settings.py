"""Which object store, and where: read from the environment."""

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from objects.local import LocalStore
from objects.s3 import S3Store
from objects.store import ObjectStore
from runtime.signing import PathSigner


class ObjectSettings(BaseSettings):
    """`MULTICANVAS_OBJECTS` is `s3` or `local`; each has its own further settings.

    A service takes `ObjectSettings.of(name)`: its own keys, which write its own bucket alone.
    """

    provider: Literal["s3", "local"] = Field(
        default="local", validation_alias="MULTICANVAS_OBJECTS"
    )
    s3_endpoint: str = ""
    s3_public_endpoint: str = ""
    s3_access_key: str = ""
    s3_secret_key: SecretStr = SecretStr("")
    s3_region: str = "us-east-1"
    files: Path = Path(".multicanvas/files")
    files_key: SecretStr = SecretStr("")
    public_url: str = ""

    model_config = SettingsConfigDict(
        env_prefix="MULTICANVAS_",
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    @classmethod
    def of(cls, service: str) -> "ObjectSettings":
        """With `MULTICANVAS_<SERVICE>_S3_ACCESS_KEY` and `…_S3_SECRET_KEY` where these are set."""
        own: dict[str, Any] = {}
        for name in ("s3_access_key", "s3_secret_key"):
            value = os.environ.get(f"MULTICANVAS_{service}_{name}".upper())
            if value is not None:
                own[name] = value
        return cls(**own)


def open_store(settings: ObjectSettings) -> ObjectStore:
    """The store that the settings name. Raises `ValueError` when they are not complete."""
    if settings.provider == "s3":
        return S3Store(
            settings.s3_endpoint,
            settings.s3_access_key,
            settings.s3_secret_key.get_secret_value(),
            public_endpoint=settings.s3_public_endpoint or None,
            region=settings.s3_region,
        )
    secret = settings.files_key.get_secret_value()
    if len(secret) < 16 or not settings.public_url:
        raise ValueError("the local store needs MULTICANVAS_FILES_KEY and MULTICANVAS_PUBLIC_URL")
    return LocalStore(settings.files, settings.public_url, PathSigner.from_secret(secret))
