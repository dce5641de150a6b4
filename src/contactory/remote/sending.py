"""What callers pass, as JSON bodies and query strings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import msgspec

from contactory.domain.errors import MalformedRequest


def json_body(values: Mapping[str, Any]) -> bytes:
    """The values as a JSON object.

    What JSON cannot hold, such as NaN or half a character, goes as it is, so that the server's
    answer names its place. Raises MalformedRequest for objects that have no such form at all.
    """
    try:
        return json.dumps(values, default=_plain).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise MalformedRequest(f"The values cannot be sent as JSON: {error}") from error


def query(values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The values as a query string's pairs (CONTRACT 1.4).

    A list repeats its name, an object's members have dotted names.
    """
    return tuple(_pairs("", values))


def _pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, msgspec.Struct):
        value = msgspec.to_builtins(value)
    if isinstance(value, Mapping):
        for member, below in value.items():
            yield from _pairs(f"{name}.{member}" if name else str(member), below)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _pairs(name, item)
    elif isinstance(value, bool):
        yield name, "true" if value else "false"
    elif value is not None:
        yield name, str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return msgspec.to_builtins(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
