"""Which service owns which path: the one table, longest match first."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

IDENTITY = "identity"
PROJECTS = "projects"
AI = "ai"
MEDIA = "media"
RENDER = "render"
ANALYTICS = "analytics"

AUTH_PREFIX = "/api/auth"


@dataclass(frozen=True)
class Route:
    """Everything at and below `path` (`*`: any one segment). No `methods`: every one."""

    path: str
    service: str
    methods: frozenset[str] = frozenset()

    @property
    def segments(self) -> tuple[str, ...]:
        return tuple(self.path.strip("/").split("/"))

    def fits(self, method: str, segments: tuple[str, ...]) -> bool:
        own = self.segments
        if self.methods and method not in self.methods:
            return False
        return len(segments) >= len(own) and all(
            mine in ("*", theirs) for mine, theirs in zip(own, segments, strict=False)
        )


_READ = frozenset({"GET", "HEAD"})

ROUTES: tuple[Route, ...] = (
    Route(AUTH_PREFIX, IDENTITY),
    Route("/v1/me", IDENTITY),
    Route("/v1/formats", PROJECTS),
    Route("/v1/template-categories", PROJECTS),
    Route("/v1/templates", PROJECTS),
    Route("/v1/projects", PROJECTS),
    Route("/v1/projects/*/exports", RENDER, _READ),
    Route("/v1/projects/*/ai", AI),
    Route("/v1/projects/*/activity", ANALYTICS),
    Route("/v1/exports", RENDER),
    Route("/v1/ai", AI),
    Route("/v1/media", MEDIA),
    Route("/v1/analytics", ANALYTICS),
)


class RoutingTable:
    """Longest match; a literal segment beats a wildcard at the same place."""

    def __init__(self, routes: Iterable[Route] = ROUTES) -> None:
        self._routes = sorted(
            routes,
            key=lambda route: (len(route.segments), [part != "*" for part in route.segments]),
            reverse=True,
        )

    def owner(self, method: str, path: str) -> str | None:
        """The service of a path as it came in, percent-encoded; None when nobody owns it.

        Paths that a service might read as another one (`..`, encoded or not) belong to nobody.
        """
        segments = tuple(path.strip("/").split("/"))
        if any(unquote(part) in (".", "..") or "/" in unquote(part) for part in segments):
            return None
        for route in self._routes:
            if route.fits(method, segments):
                return route.service
        return None
