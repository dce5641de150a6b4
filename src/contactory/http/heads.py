"""Request headers as they came, without making a collection of them that knows their rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.types import Scope

_KEPT: Final = "contactory.heads"


def heads(scope: Scope) -> Mapping[bytes, bytes]:
    """The headers by their names in lower case; of several of one name, the first."""
    found: dict[bytes, bytes] | None = scope.get(_KEPT)
    if found is None:
        scope[_KEPT] = found = dict(reversed(scope["headers"]))
    return found


def header(request: Request, name: bytes) -> str | None:
    """The first header of this name, which is in lower case; None where there is none."""
    value = heads(request.scope).get(name)
    return None if value is None else str(value, "latin-1")
