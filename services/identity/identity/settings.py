"""What identity reads from its environment, besides what every service reads."""

import base64
import hashlib
import hmac
from typing import ClassVar, Literal

from pydantic import SecretStr

from auth.origins import TrustedOrigins
from runtime.settings import ServiceSettings


class IdentitySettings(ServiceSettings):
    """`token_private_key` is 32 raw Ed25519 bytes in base64 and `token_kid` its name among
    `token_public_keys`; `session_secret` signs cookies; origins are separated by commas."""

    SERVICE: ClassVar[str] = "identity"
    PER_SERVICE: ClassVar[frozenset[str]] = ServiceSettings.PER_SERVICE | {
        "session_secret",
        "token_private_key",
        "token_kid",
        "rate_limits",
        "password_threads",
    }

    session_secret: SecretStr
    token_private_key: SecretStr
    token_kid: str
    trusted_origins: str = ""
    rate_limits: Literal["auto", "on", "off"] = "auto"
    password_threads: int = 2

    @property
    def cookie_key(self) -> bytes:
        """The key of session cookies: one secret, one derived key per purpose."""
        secret = self.session_secret.get_secret_value().encode()
        return hmac.new(secret, b"identity/session-cookie", hashlib.sha256).digest()

    @property
    def signing_key(self) -> bytes:
        """The raw Ed25519 key that signs internal tokens."""
        return base64.b64decode(self.token_private_key.get_secret_value())

    @property
    def limits_rates(self) -> bool:
        on_in_production = self.environment == "production"
        return self.rate_limits == "on" or (self.rate_limits == "auto" and on_in_production)

    @property
    def secure_cookies(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def origins(self) -> TrustedOrigins:
        return TrustedOrigins.of(self.public_url, self.trusted_origins)
