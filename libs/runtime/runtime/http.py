"""A service's HTTP face: problem documents, health, metrics, traces, camelCase JSON."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, cast

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from opentelemetry.trace import SpanKind
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic_core.core_schema import CoreSchema, plain_serializer_function_ser_schema
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime import clock, metrics, problems
from runtime.telemetry import continue_trace, current_traceparent, enter_service

log = logging.getLogger(__name__)

Check = Callable[[], Awaitable[object]]

_CHECK_SECONDS = 2.0
_AS_ISO = plain_serializer_function_ser_schema(clock.iso, when_used="json")


def _write_times_with_milliseconds(schema: object) -> None:
    """Pydantic alone would write microseconds, which no other part of the system keeps."""
    if isinstance(schema, dict):
        node = cast("dict[str, Any]", schema)
        if node.get("type") == "datetime":
            node.setdefault("serialization", _AS_ISO)
        for part in node.values():
            _write_times_with_milliseconds(part)
    elif isinstance(schema, list | tuple):
        for part in cast("Sequence[object]", schema):
            _write_times_with_milliseconds(part)


class CamelModel(BaseModel):
    """JSON in the seed's camelCase names; times in UTC with milliseconds."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        schema = handler(source)
        _write_times_with_milliseconds(schema)
        return schema


class Request(CamelModel):
    """A body that comes in: a member we do not know is an error, not silence."""

    model_config = ConfigDict(extra="forbid")


class Answer(CamelModel):
    """A body that goes out."""


def create_app(
    name: str,
    *,
    title: str,
    checks: Mapping[str, Check] | None = None,
    version: str = "0.1.0",
    description: str = "",
) -> FastAPI:
    """A FastAPI application with everything that every service has.

    `checks` (name → coroutine that raises when the part is away) may be filled later: it is read
    at each `/readyz`. Routes: `/livez`, `/readyz`, `/metrics`, `/openapi.json`, `/docs`.
    """
    app = FastAPI(
        title=title,
        version=version,
        description=description,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        separate_input_output_schemas=True,
    )
    problems.install(app)
    app.include_router(_health(checks if checks is not None else {}))
    app.add_middleware(_Outermost, service=name)
    return app


def _operation_id(route: APIRoute) -> str:
    return to_camel(route.name)


def _health(checks: Mapping[str, Check]) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/livez")
    async def livez() -> Response:  # pyright: ignore[reportUnusedFunction] - registered by the decorator
        return JSONResponse({"status": "alive"})

    @router.get("/readyz")
    async def readyz() -> Response:  # pyright: ignore[reportUnusedFunction] - registered by the decorator
        names = list(checks)
        found = await asyncio.gather(*(_state(name, checks[name]) for name in names))
        states = dict(zip(names, found, strict=True))
        if all(state == "ready" for state in states.values()):
            return JSONResponse({"status": "ready", "checks": states})
        raise problems.Unavailable("a part is not ready", extra={"checks": states})

    @router.get("/metrics")
    async def metrics_page() -> Response:  # pyright: ignore[reportUnusedFunction] - registered by the decorator
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


async def _state(name: str, check: Check) -> str:
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            await check()
    except Exception as error:  # whatever a check raises means the same: not ready
        log.info("not ready", extra={"check": name, "reason": type(error).__name__})
        return "away"
    return "ready"


class _Outermost:
    """Around everything else: the trace, the measure, and an answer to whatever was not caught."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            enter_service(self._service)
            await self._app(scope, receive, send)
            return
        enter_service(self._service)
        traceparent = Headers(scope=scope).get("traceparent")
        method: str = scope["method"]
        with continue_trace(traceparent, f"{method} {self._service}", kind=SpanKind.SERVER) as span:
            answer = _Answering(send)
            started = time.perf_counter()
            try:
                await self._app(scope, receive, answer.send)
            except Exception as error:  # the last net: nothing may reach a client as a stack
                await self._refuse(error, scope, receive, answer)
            finally:
                route = _route_of(scope)
                span.update_name(f"{method} {route}")
                span.set_attributes(
                    {
                        "http.request.method": method,
                        "http.route": route,
                        "http.response.status_code": answer.status,
                    }
                )
                metrics.HTTP_REQUESTS.labels(
                    self._service, method, route, str(answer.status)
                ).observe(time.perf_counter() - started)

    async def _refuse(
        self, error: Exception, scope: Scope, receive: Receive, answer: "_Answering"
    ) -> None:
        problem = problems.problem_of(error)
        if problem.status == 500:
            log.error("unforeseen error", exc_info=error, extra={"route": _route_of(scope)})
        elif problem.status == 503:
            log.warning("a part is away", extra={"reason": f"{type(error).__name__}"})
        if answer.status:
            # Half an answer has gone out already: only closing the connection is still honest.
            raise error
        await problems.respond(problem, scope["path"])(scope, receive, answer.send)


class _Answering:
    """Sees the answer pass: its status, and the trace it belongs to."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if traceparent := current_traceparent():
                MutableHeaders(scope=message)["traceresponse"] = traceparent
        await self._send(message)


def _route_of(scope: Scope) -> str:
    """The pattern, never the path: paths are endless as labels and may tell secrets."""
    route: Any = scope.get("route")
    return str(getattr(route, "path", "none"))
