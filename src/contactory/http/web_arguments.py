"""Reads the calls that the modules below `/web` make."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request

from contactory.domain.errors import InvalidArgument, MalformedRequest, Violation
from contactory.http.bodies import read_json_object
from contactory.http.settings import HttpSettings
from contactory.http.web_callers import check_origin


def check_call(request: Request, settings: HttpSettings) -> None:
    """Raise PermissionDenied for a foreign page's call, MalformedRequest for one without JSON."""
    check_origin(request, settings)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise MalformedRequest("Send JSON: the header Content-Type must be application/json")


async def read_arguments(request: Request, settings: HttpSettings) -> list[Any]:
    """The arguments in the body `{"arguments": […]}`.

    Raises MalformedRequest, RequestTooLarge, InvalidArgument.
    """
    given = (await read_json_object(request, settings)).get("arguments")
    if given is None:
        return []
    if not isinstance(given, list):
        raise InvalidArgument(
            [Violation("arguments", "has the wrong type: Expected a list", "OTHER", None, "TYPE")]
        )
    return given


def check_arguments(signature: inspect.Signature, given: Sequence[Any]) -> None:
    """Raise InvalidArgument when a call with these arguments lacks some, or has too many."""
    positional = [
        parameter
        for parameter in signature.parameters.values()
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    takes_any = any(found.kind is found.VAR_POSITIONAL for found in signature.parameters.values())
    violations = [
        Violation(f"arguments[{at}]", f"must not be empty ({parameter.name})", "REQUIRED_FIELD")
        for at, parameter in enumerate(positional)
        if at >= len(given) and parameter.default is parameter.empty
    ]
    if len(given) > len(positional) and not takes_any:
        text = f"has size {len(given)}, expected {len(positional)} or less"
        most = {"threshold": len(positional)}
        violations.append(Violation("arguments", text, "MAX_SIZE", most))
    if violations:
        raise InvalidArgument(violations)
