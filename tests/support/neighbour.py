"""A stand-in for the projects service behind a real gateway: versions, a history, and the topic."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID, uuid4

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

import auth.http
from auth.http import CurrentActor
from contracts import topics
from eventlog.kafka import open_producer
from runtime import clock
from runtime.http import create_app
from runtime.ids import event_id, uuid7
from runtime.problems import NotFound
from runtime.service import Service
from runtime.settings import ServiceSettings


class NeighbourSettings(ServiceSettings):
    SERVICE = "projects"


class Neighbour:
    """Knows who may see which project, and what happened in it."""

    def __init__(self, settings: ServiceSettings) -> None:
        self.settings = settings
        self.members: dict[str, set[str]] = {}
        self.history: dict[str, list[dict[str, Any]]] = {}
        self.seen: list[dict[str, str]] = []
        self.app = create_app("projects", title="Projects", checks={})
        auth.http.install(self.app, settings)
        self.app.include_router(self._router())

    def service(self) -> Service:
        return Service(name="projects", settings=self.settings, http=self.app)

    def begin(self, owner: str) -> str:
        project = str(uuid7())
        self.members[project] = {owner}
        self.history[project] = []
        self.record(project, owner)
        return project

    def record(self, project: str, actor: str) -> dict[str, Any]:
        """A new event in the store, not yet on the topic."""
        number = len(self.history[project]) + 1
        command = str(uuid4())
        item = {
            "id": str(event_id(UUID(project), number)),
            "version": number,
            "type": "project_edited",
            "time": clock.iso(clock.now()),
            "actor": actor,
            "commandId": command,
            "commandNumber": number,
            "last": True,
            "correlationId": None,
            "causationId": command,
            "data": {"name": f"Name {number}"},
        }
        self.history[project].append(item)
        return item

    async def publish(self, project: str, *items: dict[str, Any]) -> None:
        producer = await open_producer(self.settings.kafka)
        try:
            for item in items:
                envelope = {
                    "specversion": "1.0",
                    "id": item["id"],
                    "type": f"projects.{item['type']}.v1",
                    "source": "/projects",
                    "subject": project,
                    "sequence": item["version"],
                    "time": item["time"],
                    "actor": item["actor"],
                    "commandid": item["commandId"],
                    "commandnumber": item["commandNumber"],
                    "last": item["last"],
                    "data": item["data"],
                }
                sent = await producer.send(
                    topics.PROJECTS, orjson.dumps(envelope), project.encode(), headers=()
                )
                await sent
        finally:
            await producer.stop()

    def _router(self) -> APIRouter:
        router = APIRouter()

        @router.get("/v1/projects/{project_id}")
        async def read(project_id: str, request: Request, actor: CurrentActor) -> Response:  # pyright: ignore[reportUnusedFunction] - registered by the decorator
            self._see(request)
            self._check(project_id, actor.user_id)
            version = len(self.history[project_id])
            return JSONResponse({"id": project_id}, headers={"ETag": f'"{version}"'})

        @router.get("/v1/projects/{project_id}/events")
        async def events(  # pyright: ignore[reportUnusedFunction] - registered by the decorator
            project_id: str,
            actor: CurrentActor,
            after: Annotated[int, Query()] = 0,
            limit: Annotated[int, Query()] = 200,
        ) -> dict[str, Any]:
            self._check(project_id, actor.user_id)
            items = [one for one in self.history[project_id] if one["version"] > after]
            return {"items": items[:limit], "nextCursor": None}

        @router.post("/v1/projects")
        async def create(request: Request, actor: CurrentActor) -> Response:  # pyright: ignore[reportUnusedFunction] - registered by the decorator
            self._see(request)
            body = await request.body()
            project = self.begin(actor.user_id)
            wrote = {"Multicanvas-Wrote": f"projects/{project}=1"}
            return JSONResponse({"id": project, "got": len(body)}, 201, headers=wrote)

        @router.get("/v1/formats")
        async def stream() -> Response:  # pyright: ignore[reportUnusedFunction] - registered by the decorator
            async def parts() -> AsyncIterator[bytes]:
                for number in range(3):
                    yield f"{number}\n".encode()
                    await asyncio.sleep(0.3)

            return StreamingResponse(parts(), media_type="text/plain")

        return router

    def _see(self, request: Request) -> None:
        self.seen.append(dict(request.headers))

    def _check(self, project_id: str, user_id: str) -> None:
        if user_id not in self.members.get(project_id, set()):
            raise NotFound
