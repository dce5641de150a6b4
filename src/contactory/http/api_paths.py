"""All paths of the API as one route: no request is compared with each of them in turn."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import ASGIApp, Receive, Scope, Send

_IN_BRACES: Final = re.compile(r"\{(\w+)\}")
_ANY_WORD: Final = "([^/]+)"


class ApiPaths(BaseRoute):
    """Hands a request to the ASGI application of its path, with what stands for parameters."""

    def __init__(self, places: Mapping[str, ASGIApp]) -> None:
        """`places` has applications by their paths, with the names of parameters in braces."""
        self._places: dict[int, tuple[ASGIApp, list[str]]] = {}
        patterns: list[str] = []
        group = 1
        # A brace sorts after letters: fixed paths come before those that take any word there.
        for path in sorted(places):
            fixed, names = _IN_BRACES.split(path)[::2], _IN_BRACES.findall(path)
            patterns.append(f"({_ANY_WORD.join(map(re.escape, fixed))})")
            # Each parameter has its group, after that of its path.
            self._places[group] = places[path], names
            group += 1 + len(names)
        self._pattern = re.compile("|".join(patterns))

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the path is one of these, whatever the verb."""
        found = self._pattern.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if found is None or found.lastindex is None:
            return Match.NONE, {}
        app, names = self._places[found.lastindex]
        params = {name: found[found.lastindex + at] for at, name in enumerate(names, 1)}
        return Match.FULL, {"endpoint": app, "path_params": params}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that matches."""
        await scope["endpoint"](scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> NoReturn:
        """Nobody asks for these paths by a name."""
        raise NoMatchFound(name, path_params)
