"""The OpenAPI 3.1 document, made from the route table and the types."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from typing import Any, Final, get_type_hints

import msgspec

from contactory import __version__
from contactory.domain.errors import ERRORS
from contactory.http.api import NOUNS
from contactory.http.errors import STATUS
from contactory.kit.clock import Timestamp
from contactory.ops.operation import OPERATIONS
from contactory.wire.route import Route
from contactory.wire.routes import ROUTES
from contactory.wire.schemas import parameter_schema

_SOURCE: Final = re.compile(r" \(CONTRACT [^)]*\)")
"""Readers of the document have no contract at hand."""

_IN_BRACES: Final = re.compile(r"\{(\w+)\}")

_ALWAYS: Final = (
    "INVALID_ARGUMENT",
    "MALFORMED_REQUEST",
    "REQUEST_TOO_LARGE",
    "UNAUTHENTICATED",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "UNAVAILABLE",
)
_ABOUT: Final = (
    "The contact list of a site. The calls, names and errors are those of the contacts API that "
    "`@wix/crm` speaks, so that its official SDK works here; this product is independent of that "
    "API's vendor."
)


def _published_paths() -> dict[str, str]:
    by_shape: dict[str, str] = {}
    return {
        route.operation: by_shape.setdefault(_IN_BRACES.sub("{}", route.path), route.path)
        for route in ROUTES
    }


PUBLISHED_PATHS: Final = _published_paths()
"""The path of each operation in the document, in which one path's parameters have one name."""


def openapi_document() -> dict[str, Any]:
    """The document as JSON-able data."""
    kinds = [_result(route) for route in ROUTES]
    results, components = msgspec.json.schema_components(
        kinds, schema_hook=_timestamp_schema, ref_template="#/components/schemas/{name}"
    )
    for schema in components.values():
        if "description" in schema:
            schema["description"] = _SOURCE.sub("", schema["description"])
    paths: dict[str, dict[str, Any]] = {}
    for route, result in zip(ROUTES, results, strict=True):
        path = PUBLISHED_PATHS[route.operation]
        paths.setdefault(path, {})[route.verb.lower()] = _call(route, path, result)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Contactory",
            "version": __version__,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"credential": []}],
        "paths": paths,
        "components": {
            "schemas": dict(components) | {"Error": _ERROR},
            "securitySchemes": {
                "credential": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "An API key or an access token.",
                }
            },
        },
    }


def _result(route: Route) -> Any:
    """What the operation returns, as its annotation says; nothing shows as an empty object."""
    method = getattr(NOUNS[route.noun], route.method)
    kind = get_type_hints(inspect.unwrap(method))["return"]
    return dict[str, Any] if kind is type(None) else kind


def _call(route: Route, path: str, result: dict[str, Any]) -> dict[str, Any]:
    operation = OPERATIONS[route.operation]
    named = (*route.arguments, *route.options)
    elsewhere = [name for name in named if name not in route.in_path]
    call: dict[str, Any] = {
        "operationId": route.function,
        "tags": [route.noun],
        "summary": route.summary,
        "description": f"{route.about}\n\nNeeds the permission `{operation.permission}`.",
        "parameters": [
            _parameter(name, "path", parameter_schema(route.operation, own), is_required=True)
            for name, own in zip(_IN_BRACES.findall(path), route.in_path, strict=True)
        ],
        "responses": {"200": _answer(route, result), **_errors(route)},
    }
    if route.verb in ("GET", "DELETE"):
        for name in elsewhere:
            call["parameters"] += _in_query(route, name)
        if route.streams:
            call["parameters"].append(_LAST_EVENT_ID)
    else:
        call["requestBody"] = _body(route, elsewhere)
    if route.takes_idempotency_key:
        call["parameters"].append(_IDEMPOTENCY_KEY)
    return call


def _in_query(route: Route, name: str) -> list[dict[str, Any]]:
    """The parameter, or each member of it: in URLs these have dotted names (`paging.limit`)."""
    schema = parameter_schema(route.operation, name)
    if schema.get("type") == "object":
        # None is required: without all of them the object is not sent at all.
        return [
            _parameter(f"{name}.{member}", "query", below, is_required=False)
            for member, below in schema["properties"].items()
        ]
    is_required = name in route.arguments and name not in route.optional
    return [_parameter(name, "query", schema, is_required=is_required)]


def _parameter(
    name: str, place: str, schema: dict[str, Any], *, is_required: bool
) -> dict[str, Any]:
    parameter: dict[str, Any] = {"name": name, "in": place, "schema": schema}
    if is_required:
        parameter["required"] = True
    if "description" in schema:
        parameter["description"] = schema["description"]
    return parameter


def _body(route: Route, names: Sequence[str]) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": {name: parameter_schema(route.operation, name) for name in names},
        "required": [
            name for name in names if name in route.arguments and name not in route.optional
        ],
    }
    return {
        "required": bool(schema["required"]),
        "content": {"application/json": {"schema": schema}},
    }


def _answer(route: Route, result: dict[str, Any]) -> dict[str, Any]:
    schema = result
    if route.envelope is not None:
        properties = {route.envelope: result}
        if route.names_merged:
            properties["responseType"] = {"enum": ["REGULAR", "MERGED"]}
        schema = {"type": "object", "properties": properties, "required": list(properties)}
    content = {"application/json": {"schema": schema}}
    if route.streams:
        content["text/event-stream"] = {"schema": {"type": "string"}}
    return {
        "description": "Done.",
        "headers": {"X-Wix-Request-Id": {"schema": {"type": "string", "format": "uuid"}}},
        "content": content,
    }


def _errors(route: Route) -> dict[str, Any]:
    by_status: dict[int, list[str]] = {500: ["a fault of the server"]}
    for code in (*_ALWAYS, *route.errors):
        by_status.setdefault(STATUS[ERRORS[code]], []).append(code)
    return {
        str(status): {
            "description": ", ".join(codes),
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        }
        for status, codes in sorted(by_status.items())
    }


def _timestamp_schema(kind: type) -> dict[str, Any]:
    if kind is Timestamp:
        return {"type": "string", "format": "date-time"}
    raise NotImplementedError(kind.__name__)


_IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key with the same body answers the first result again for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}
_LAST_EVENT_ID: Final = {
    "name": "Last-Event-ID",
    "in": "header",
    "description": "The cursor after which a stream begins.",
    "schema": {"type": "string"},
}
_VIOLATION: Final = {
    "type": "object",
    "properties": {
        "field": {"type": "string"},
        "description": {"type": "string"},
        "violatedRule": {"type": "string"},
        "ruleName": {"type": "string"},
        "data": {"type": "object"},
    },
    "required": ["field", "description", "violatedRule"],
}
_ERROR: Final = {
    "type": "object",
    "properties": {
        "message": {"type": "string"},
        "details": {
            "type": "object",
            "properties": {
                "applicationError": {
                    "type": "object",
                    "properties": {
                        "code": {"type": "string"},
                        "description": {"type": "string"},
                        "data": {"type": "object"},
                    },
                    "required": ["code", "description", "data"],
                },
                "validationError": {
                    "type": "object",
                    "properties": {"fieldViolations": {"type": "array", "items": _VIOLATION}},
                    "required": ["fieldViolations"],
                },
            },
        },
    },
    "required": ["message", "details"],
}
