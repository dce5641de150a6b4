"""The OpenAPI 3.1 document, made from the route table and the types."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from contactory import __version__
from contactory.domain.contacts import Contact
from contactory.domain.errors import ERRORS
from contactory.http.errors import STATUS
from contactory.kit.clock import Timestamp
from contactory.ops.operation import OPERATIONS
from contactory.wire.routes import ROUTES, Route
from contactory.wire.schemas import parameter_schema

_SOURCE: Final = re.compile(r" \(CONTRACT [^)]*\)")
"""Readers of the document have no contract at hand."""

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


def openapi_document() -> dict[str, Any]:
    """The document as JSON-able data."""
    (contact,), components = msgspec.json.schema_components(
        [Contact], schema_hook=_timestamp_schema, ref_template="#/components/schemas/{name}"
    )
    for schema in components.values():
        if "description" in schema:
            schema["description"] = _SOURCE.sub("", schema["description"])
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.verb.lower()] = _call(route, contact)
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


def _call(route: Route, contact: dict[str, Any]) -> dict[str, Any]:
    operation = OPERATIONS[route.operation]
    in_path = [name for name in route.arguments if f"{{{name}}}" in route.path]
    elsewhere = [name for name in (*route.arguments, *route.options) if name not in in_path]
    call: dict[str, Any] = {
        "operationId": route.function,
        "tags": [route.noun],
        "summary": route.summary,
        "description": f"{route.about}\n\nNeeds the permission `{operation.permission}`.",
        "parameters": [_parameter(name, "path") for name in in_path],
        "responses": {"200": _answer(route, contact), **_errors(route)},
    }
    if route.verb == "GET":
        call["parameters"] += [_parameter(name, "query") for name in elsewhere]
    else:
        call["requestBody"] = _body(elsewhere, required=route.arguments)
    if route.takes_idempotency_key:
        call["parameters"].append(_IDEMPOTENCY_KEY)
    return call


def _parameter(name: str, place: str) -> dict[str, Any]:
    required = {"required": True} if place == "path" else {}
    return {"name": name, "in": place, "schema": parameter_schema(name), **required}


def _body(names: Iterable[str], required: tuple[str, ...]) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": {name: parameter_schema(name) for name in names},
        "required": list(required),
    }
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _answer(route: Route, contact: dict[str, Any]) -> dict[str, Any]:
    fixed = {name: {"const": value} for name, value in route.beside.items()}
    schema = {
        "type": "object",
        "properties": {route.envelope: contact, **fixed},
        "required": [route.envelope, *fixed],
    }
    return {
        "description": "Done.",
        "headers": {"X-Wix-Request-Id": {"schema": {"type": "string", "format": "uuid"}}},
        "content": {"application/json": {"schema": schema}},
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
