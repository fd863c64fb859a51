"""What a service reads from its environment, and nothing else: no files of its own, no flags."""

import hashlib
import hmac
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "MULTICANVAS_"


class ServiceSettings(BaseSettings):
    """Env names: `MULTICANVAS_<FIELD>`; fields in `PER_SERVICE`: `MULTICANVAS_<SERVICE>_<FIELD>`.

    `<NAME>_FILE` may name a file that holds the value instead (container secrets). A subclass sets
    `SERVICE`, adds fields, and may widen `PER_SERVICE`. Raises `pydantic.ValidationError` naming
    every missing or malformed field, never its value.
    """

    SERVICE: ClassVar[str]
    PER_SERVICE: ClassVar[frozenset[str]] = frozenset(
        {"app_dsn", "worker_dsn", "owner_dsn", "http_host", "http_port"}
    )

    app_dsn: SecretStr
    worker_dsn: SecretStr
    owner_dsn: SecretStr
    http_host: str = "127.0.0.1"
    http_port: int

    kafka: str
    keys_dsn: SecretStr = SecretStr("")
    context_key: SecretStr
    master_keys: SecretStr = SecretStr("")
    token_public_keys: str
    internal_secret: SecretStr
    public_url: str
    operators: str = ""
    otlp_endpoint: str | None = None
    environment: Literal["development", "production"] = "development"
    log_level: str = "INFO"
    app_pool_size: int = 10
    worker_pool_size: int = 10
    app_statement_cache: int = 0

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    @property
    def context_signing_key(self) -> bytes:
        """The 32 bytes that sign this service's row-level-security context, and no other's."""
        secret = bytes.fromhex(self.context_key.get_secret_value())
        if len(secret) < 32:
            raise ValueError("context_key must be at least 32 bytes of hex")
        return hmac.new(secret, self.SERVICE.encode(), hashlib.sha256).digest()

    @property
    def operator_names(self) -> frozenset[str]:
        """User ids and e-mail addresses (lower case) of the people who run this installation."""
        names = (name.strip().lower() for name in self.operators.split(","))
        return frozenset(name for name in names if name)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, _Environment(settings_cls, os.environ)


class _Environment(PydanticBaseSettingsSource):
    def __init__(self, settings_cls: type[BaseSettings], environ: Mapping[str, str]) -> None:
        super().__init__(settings_cls)
        self._environ = environ

    def _variable(self, field_name: str) -> str:
        cls = self.settings_cls
        if issubclass(cls, ServiceSettings) and field_name in cls.PER_SERVICE:
            return f"{PREFIX}{cls.SERVICE}_{field_name}".upper()
        return f"{PREFIX}{field_name}".upper()

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        name = self._variable(field_name)
        value = self._environ.get(name)
        if value is None and (path := self._environ.get(f"{name}_FILE")):
            value = Path(path).read_text().strip()
        return value, field_name, self.field_is_complex(field)

    def __call__(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, field in self.settings_cls.model_fields.items():
            value, key, is_complex = self.get_field_value(field, name)
            if value is not None:
                found[key] = self.prepare_field_value(name, field, value, is_complex)
        return found
