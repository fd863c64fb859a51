"""One OpenAPI document out of those of the services: no clashes, nothing internal."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, cast

Document = dict[str, Any]

_HIDDEN = ("/internal", "/livez", "/readyz", "/metrics", "/openapi.json", "/docs")
_PARAMETER = re.compile(r"\{([^}:]+)(?::[^}]*)?\}")
_VERBS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})


def merge(documents: Mapping[str, Document], *, title: str, version: str, server: str) -> Document:
    """The services' documents (by name) as one valid OpenAPI 3.1 document.

    A component whose name two services use for different things gets its service's name in front,
    and so does an operation id.
    """
    renamed = {name: _renamed(name, documents) for name in documents}
    operations = Counter(
        operation["operationId"]
        for document in documents.values()
        for operation in _operations(document)
        if "operationId" in operation
    )
    paths: dict[str, dict[str, Any]] = {}
    components: dict[str, dict[str, Any]] = {}
    templates: dict[str, str] = {}
    for service, document in documents.items():
        moved = cast(Document, _map_refs(document, renamed[service]))
        for operation in _operations(moved):
            if operations[operation.get("operationId", "")] > 1:
                operation["operationId"] = _prefixed(service, operation["operationId"])
        _add_components(components, moved, renamed[service])
        for path, item in cast("dict[str, Any]", moved.get("paths", {})).items():
            if not path.startswith(_HIDDEN):
                _add_path(paths, templates, path, item)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "servers": [{"url": server}],
        "paths": dict(sorted(paths.items())),
        "components": {kind: dict(sorted(found.items())) for kind, found in components.items()},
    }


def _renamed(service: str, documents: Mapping[str, Document]) -> dict[str, str]:
    """`#/components/<kind>/<name>` → its new place, for names that others use as well."""
    own = _component_names(documents[service])
    others = {
        ref
        for name, document in documents.items()
        if name != service
        for ref in _component_names(document)
    }
    moved: dict[str, str] = {}
    for ref in own & others:
        place, _, name = ref.rpartition("/")
        moved[ref] = f"{place}/{_prefixed(service, name)}"
    return moved


def _component_names(document: Document) -> set[str]:
    components = cast("dict[str, dict[str, Any]]", document.get("components", {}))
    return {f"#/components/{kind}/{name}" for kind, found in components.items() for name in found}


def _prefixed(service: str, name: str) -> str:
    return service.capitalize() + name[:1].upper() + name[1:]


def _add_components(
    components: dict[str, dict[str, Any]], document: Document, renamed: Mapping[str, str]
) -> None:
    own = cast("dict[str, dict[str, Any]]", document.get("components", {}))
    for kind, found in own.items():
        for name, value in found.items():
            ref = f"#/components/{kind}/{name}"
            components.setdefault(kind, {})[renamed.get(ref, ref).rpartition("/")[2]] = value


def _add_path(
    paths: dict[str, dict[str, Any]], templates: dict[str, str], path: str, item: dict[str, Any]
) -> None:
    """Two spellings of one path (`{id}`, `{projectId}`) are one: the first spelling stays."""
    shape = _PARAMETER.sub("{}", path)
    known = templates.setdefault(shape, path)
    if known != path:
        names = dict(zip(_PARAMETER.findall(path), _PARAMETER.findall(known), strict=True))
        for part in item.values():
            _rename_parameters(part, names)
    paths.setdefault(known, {}).update(item)


def _rename_parameters(operation: Any, names: Mapping[str, str]) -> None:
    if isinstance(operation, dict):
        found = cast("dict[str, Any]", operation).get("parameters", [])
        for parameter in cast("list[dict[str, Any]]", found):
            if parameter.get("in") == "path" and parameter.get("name") in names:
                parameter["name"] = names[parameter["name"]]


def _operations(document: Document) -> list[dict[str, Any]]:
    items = cast("dict[str, dict[str, Any]]", document.get("paths", {}))
    return [
        operation
        for path, item in items.items()
        if not path.startswith(_HIDDEN)
        for verb, operation in item.items()
        if verb in _VERBS
    ]


def _map_refs(value: Any, renamed: Mapping[str, str]) -> Any:
    """A copy in which references, also those of discriminators, point to the new places."""
    walk: Callable[[Any], Any] = lambda part: _map_refs(part, renamed)  # noqa: E731
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return {name: walk(member) for name, member in members.items()}
    if isinstance(value, list):
        return [walk(item) for item in cast("list[Any]", value)]
    return renamed.get(value, value) if isinstance(value, str) else value
