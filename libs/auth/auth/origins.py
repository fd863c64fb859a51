"""Which pages may send people's cookies, and where a redirect may lead."""

import re
from fnmatch import fnmatchcase
from urllib.parse import SplitResult, urlsplit

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HIDDEN_SEPARATOR = re.compile(r"%2f|%5c", re.IGNORECASE)


class TrustedOrigins:
    """Exact origins (`https://app.example.org`) or with a wildcard host (`https://*.example.org`).

    A wildcard stands for one or more whole labels and never for the registered name itself.
    """

    def __init__(self, origins: tuple[str, ...]) -> None:
        self._origins = tuple(origin.lower() for origin in origins)

    @classmethod
    def of(cls, public_url: str, listed: str) -> "TrustedOrigins":
        """Our own address and a list separated by commas."""
        entries = (entry.strip().rstrip("/") for entry in listed.split(","))
        return cls((public_url.rstrip("/"), *(entry for entry in entries if entry)))

    def trusts(self, url: str) -> bool:
        """Whether the origin of an absolute http(s) URL is on the list."""
        origin = _origin_of(url)
        return origin is not None and any(_fits(origin, entry) for entry in self._origins)

    def allows_redirect(self, url: str) -> bool:
        """Whether a person may be sent there: a trusted origin, or a path of our own."""
        if _CONTROL.search(url) or "\\" in url:
            return False
        if url.startswith("/"):
            path = re.split(r"[?#]", url, maxsplit=1)[0]
            return not url.startswith("//") and not _HIDDEN_SEPARATOR.search(path)
        return self.trusts(url)


def _fits(origin: str, entry: str) -> bool:
    if "*" not in entry:
        return origin == entry
    scheme, _, host = entry.rpartition("://")
    own_scheme, _, own_host = origin.partition("://")
    if scheme and scheme != own_scheme:
        return False
    # fnmatch knows more signs than the asterisk; a host holds none of them.
    return "[" not in host and "?" not in host and fnmatchcase(own_host, host)


def _origin_of(url: str) -> str | None:
    if _CONTROL.search(url) or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        host = _host_of(parts)
    except ValueError:
        return None
    return f"{parts.scheme}://{host}" if host else None


def _host_of(parts: SplitResult) -> str | None:
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or not parts.hostname:
        return None
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = 443 if parts.scheme == "https" else 80
    return name if parts.port in (None, usual) else f"{name}:{parts.port}"
