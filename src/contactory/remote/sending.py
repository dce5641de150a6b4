"""What callers pass, as JSON bodies and query strings."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
    """The values as a query string's pairs: a list repeats its name (CONTRACT 1.4)."""
    return tuple(
        (name, str(item))
        for name, value in values.items()
        for item in (value if isinstance(value, list | tuple) else [value])
        if item is not None
    )


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return msgspec.to_builtins(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
