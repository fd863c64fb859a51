"""What the routes of the gateway work with."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from gateway.adapters.addresses import Addresses
from gateway.adapters.hub import Hub
from gateway.adapters.routing import RoutingTable
from gateway.adapters.sessions import Session, Sessions, cookie_of
from gateway.adapters.upstream import Upstream
from gateway.adapters.written import Written
from gateway.settings import GatewaySettings
from runtime.context import ContextSigner
from runtime.database import Pools


@dataclass(frozen=True)
class Front:
    settings: GatewaySettings
    pools: Pools
    signer: ContextSigner
    upstream: Upstream
    routes: RoutingTable
    sessions: Sessions
    written: Written
    addresses: Addresses
    hub: Hub

    def cookie(self, request: Request) -> str | None:
        """The value of the session cookie that came along."""
        return cookie_of(request.headers.get("cookie"), self.settings.session_cookie)

    async def session(self, request: Request) -> Session | None:
        """Who asks. Raises `Unavailable` when identity cannot say."""
        cookie = self.cookie(request)
        return await self.sessions.of(cookie) if cookie else None

    async def headers_for(self, session: Session | None, service: str) -> dict[str, str]:
        """How the gateway presents a person to a service, and what they wrote before."""
        if session is None:
            return {}
        headers = {"authorization": f"Bearer {session.tokens[service]}"}
        if after := await self.written.after(session.user_id):
            headers["multicanvas-after"] = after
        return headers


def front_of(request: Request) -> Front:
    return request.app.state.front


AtFront = Annotated[Front, Depends(front_of)]
