"""Reads query strings into what bodies would say (CONTRACT 1.4)."""

from __future__ import annotations

import re
from typing import Any, Final

from starlette.requests import Request

from contactory.domain.errors import MalformedRequest

_BRACKETS: Final = re.compile(r"\[(\w*)\]")
_LAST_INDEX: Final = re.compile(r"\[\d+\]$")
_DEEPEST: Final = 4


def read_query(request: Request) -> dict[str, Any]:
    """The query string as nested objects: `paging.limit=2` is `{"paging": {"limit": ["2"]}}`.

    Brackets (`paging[limit]`, `fields[]`, `fields[0]`) say the same as dots; values are lists of
    strings, since a repeated name is a list, in the order in which they were sent. Raises
    MalformedRequest where a name is both a value and an object, or has more than four parts.
    """
    sent: dict[str, Any] = {}
    if not request.scope["query_string"]:
        return sent
    for name in request.query_params:
        path = [
            part for part in _BRACKETS.sub(r".\1", _LAST_INDEX.sub("", name)).split(".") if part
        ]
        if len(path) > _DEEPEST:
            raise MalformedRequest(f"The query string has a name of too many parts: {name[:80]}")
        values = request.query_params.getlist(name)
        _put(sent, path or [name], values, name)
    return sent


def _put(sent: dict[str, Any], path: list[str], values: list[str], name: str) -> None:
    *outer, last = path
    place: Any = sent
    for part in outer:
        place = place.setdefault(part, {})
        if not isinstance(place, dict):
            raise _twofold(name)
    found = place.setdefault(last, [])
    if not isinstance(found, list):
        raise _twofold(name)
    found += values


def _twofold(name: str) -> MalformedRequest:
    return MalformedRequest(f"The query string gives {name[:80]} both a value and members")
