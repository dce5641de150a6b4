"""All paths of the API, found at once: no request is compared with each of them in turn."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

_IN_BRACES: Final = re.compile(r"\{(\w+)\}")
_ANY_WORD: Final = "([^/]+)"


class ApiPaths:
    """An ASGI application that hands a request to that of its path, with the path's parameters.

    What has another path is for another one, and so are its errors: applications of paths answer
    theirs themselves.
    """

    def __init__(self, places: Mapping[str, ASGIApp], otherwise: ASGIApp) -> None:
        """`places` has applications by their paths, with the names of parameters in braces."""
        self._otherwise = otherwise
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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever the verb."""
        found = self._pattern.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if found is None or found.lastindex is None:
            await self._otherwise(scope, receive, send)
            return
        app, names = self._places[found.lastindex]
        scope["path_params"] = {
            name: found[found.lastindex + at] for at, name in enumerate(names, 1)
        }
        await app(scope, receive, send)
