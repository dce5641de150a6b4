"""Serves a site's own pages, so that they have the origin of the calls that they make."""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from contactory.domain.errors import NotFound

_SERVED: Final = frozenset(
    ".avif .css .gif .htm .html .ico .jpeg .jpg .js .json .map .mjs .mp3 .mp4 .ogg .otf .pdf .png "
    ".svg .ttf .txt .vcf .wasm .webm .webmanifest .webp .woff .woff2 .xml".split()
)
"""What pages are made of. A store, settings or back-end code beside them is none of it."""


class Pages(StaticFiles):
    """The files of one folder. What is hidden, outside, or no part of a page is not there."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise NotFound(f"there is no folder {folder} to serve pages from")
        super().__init__(directory=folder, html=True)

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Where the file of a path is, and what; nothing for one that is not to be seen."""
        full_path, found = super().lookup_path(path)
        parts = PurePosixPath(path)
        is_hidden = any(part.startswith(".") for part in parts.parts)
        if found is None or is_hidden:
            return "", None
        is_file = stat.S_ISREG(found.st_mode)
        return ("", None) if is_file and parts.suffix.lower() not in _SERVED else (full_path, found)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file; other verbs find nothing, as no page is their target."""
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(404)
        scope["operation"] = "pages.file"
        answer = await super().get_response(path, scope)
        answer.headers["cache-control"] = "no-cache"
        answer.headers["x-content-type-options"] = "nosniff"
        return answer
