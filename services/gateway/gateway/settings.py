"""What the gateway reads from its environment, besides what every service reads."""

from typing import ClassVar

from auth.origins import TrustedOrigins
from runtime.settings import ServiceSettings


class GatewaySettings(ServiceSettings):
    """`<service>_url`: where a service answers; the paths of one without are 404. `trusted_origins`
    and `trusted_proxies` (networks whose X-Forwarded-For is believed) are separated by commas.
    `valkey`: URL, wanted where several gateways share the work."""

    SERVICE: ClassVar[str] = "gateway"
    PER_SERVICE: ClassVar[frozenset[str]] = ServiceSettings.PER_SERVICE | {"max_body_bytes"}

    identity_url: str
    projects_url: str | None = None
    ai_url: str | None = None
    media_url: str | None = None
    render_url: str | None = None
    analytics_url: str | None = None
    trusted_origins: str = ""
    trusted_proxies: str = ""
    valkey: str | None = None
    max_body_bytes: int = 32 * 1024 * 1024

    @property
    def upstreams(self) -> dict[str, str]:
        """Base URL by service."""
        known = {
            "identity": self.identity_url,
            "projects": self.projects_url,
            "ai": self.ai_url,
            "media": self.media_url,
            "render": self.render_url,
            "analytics": self.analytics_url,
        }
        return {service: url for service, url in known.items() if url}

    @property
    def origins(self) -> TrustedOrigins:
        """Origins whose pages may call with a person's cookie: our own and the listed ones."""
        return TrustedOrigins.of(self.public_url, self.trusted_origins)

    @property
    def session_cookie(self) -> str:
        secure = self.public_url.startswith("https://")
        return ("__Secure-" if secure else "") + "better-auth.session_token"
