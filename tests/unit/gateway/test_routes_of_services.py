"""The routing table against the routes that the services really have, and their one document."""

import importlib
import json
import pkgutil
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from gateway.adapters.openapi import merge
from gateway.adapters.routing import RoutingTable

SERVICES = ("identity", "projects", "ai", "media", "render", "analytics")


def routers_of(service: str) -> list[APIRouter]:
    package = importlib.import_module(f"{service}.api")
    modules = [
        importlib.import_module(f"{service}.api.{found.name}")
        for found in pkgutil.iter_modules(package.__path__)
    ]
    found = {id(one.router): one.router for one in modules if hasattr(one, "router")}
    return [router for router in found.values() if isinstance(router, APIRouter)]


def routes_of(service: str) -> list[APIRoute]:
    return [
        route
        for router in routers_of(service)
        for route in router.routes
        if isinstance(route, APIRoute)
        and route.include_in_schema
        and not route.path.startswith("/internal")
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_every_public_route_of_a_service_is_routed_to_it(service: str) -> None:
    table = RoutingTable()
    routes = routes_of(service)
    assert routes
    for route in routes:
        path = route.path.replace("{", "").replace("}", "").replace(":path", "")
        for method in route.methods or ():
            assert table.owner(method, path) == service, f"{method} {route.path}"


def test_the_documents_of_all_services_are_one_valid_document() -> None:
    documents: dict[str, dict[str, Any]] = {}
    for service in SERVICES:
        app = FastAPI(title=service)
        for router in routers_of(service):
            app.include_router(router)
        documents[service] = json.loads(json.dumps(app.openapi()))
    merged = merge(documents, title="Multicanvas", version="1", server="http://x")
    for ref in refs(merged):
        place: Any = merged
        for part in ref.removeprefix("#/").split("/"):
            place = place[part]
    shapes = [
        "/".join(p if "{" not in p else "*" for p in path.split("/")) for path in merged["paths"]
    ]
    assert len(shapes) == len(set(shapes))
    for path, item in merged["paths"].items():
        named = {part.strip("{}").split(":")[0] for part in path.split("/") if "{" in part}
        for verb, operation in item.items():
            told = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
            assert told == named, f"{verb} {path}"
    operations = [one["operationId"] for item in merged["paths"].values() for one in item.values()]
    assert len(operations) == len(set(operations))


def refs(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [ref for member in value.values() for ref in refs(member)]
    if isinstance(value, list):
        return [ref for member in value for ref in refs(member)]
    return []
