"""Strapi: a server that makes an API of content types, here of contacts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from benchmarks.bodies import company
from benchmarks.rivals.messages import JSON, message
from benchmarks.rivals.packages import node_packages
from benchmarks.rivals.rows import flat_body
from benchmarks.rivals.serving import Answering, Served, free_port, serving
from benchmarks.rivals.stores import sqlite_bytes
from benchmarks.rivals.strapi_project import DATABASE_FILE, TOKEN_FILE, write_project
from benchmarks.rivals.strapi_rows import into_strapi

_STRAPI: Final = "5.54.0"
_PACKAGES: Final = {"@strapi/strapi": _STRAPI, "better-sqlite3": "12.11.1"}
_PATH: Final = "/api/contacts"
_BATCH: Final = 10_000


class RunningStrapi(Answering):
    """The server, with one content type."""

    def __init__(self, served: Served, database: Path, token: str) -> None:
        super().__init__(served)
        self._database = database
        self._headers: Mapping[str, str] = {**JSON, "authorization": f"Bearer {token}"}

    def create(self, number: int) -> bytes:
        """`POST /api/contacts`."""
        return message(
            "POST", _PATH, json.dumps({"data": flat_body(number)}).encode(), self._headers
        )

    def id_in(self, number: int, answer: bytes) -> str:
        """The id of the document."""
        return str(json.loads(answer)["data"]["documentId"])

    def get(self, contact_id: str) -> bytes:
        """`GET /api/contacts/{id}`, with e-mails and phones."""
        return message("GET", f"{_PATH}/{contact_id}?populate=*", headers=self._headers)

    def page(self, number: int) -> bytes:
        """`GET /api/contacts`, of one company by last name, whole and not counted."""
        asked = {
            "filters[company][$eq]": company(number),
            "sort": "last_name",
            "pagination[start]": 0,
            "pagination[limit]": 50,
            "pagination[withCount]": "false",
            "populate": "*",
        }
        return message("GET", f"{_PATH}?{urlencode(asked)}", headers=self._headers)

    def fill(self, start: int, stop: int) -> None:
        """Rows straight into its tables."""
        for first in range(start, stop, _BATCH):
            into_strapi(self._database, range(first, min(first + _BATCH, stop)))

    def disk_bytes(self) -> int:
        """Its database, with its own tables."""
        return sqlite_bytes(self._database)


class Strapi:
    """Strapi on SQLite, in one process and without the pages for administrators."""

    name = "Strapi, SQLite"
    version = _STRAPI
    does = (
        "alike: checks e-mails, an API key; less: equal e-mails that race are kept, no check of "
        "phones, no events, revisions or search index"
    )

    def install(self, folder: Path) -> None:
        """A Node project with its packages; the driver of SQLite is compiled."""
        self._packages = folder
        self._environment = node_packages(folder, _PACKAGES)

    @contextmanager
    def started(self, folder: Path) -> Iterator[RunningStrapi]:
        """On a new project with an empty database in the folder."""
        write_project(folder, self._packages, _PACKAGES)
        port = free_port()
        environment = {
            **self._environment,
            "NODE_ENV": "production",
            "PORT": str(port),
            "STRAPI_TELEMETRY_DISABLED": "true",
        }
        command = ["node", "node_modules/@strapi/strapi/bin/strapi.js", "start"]
        with serving(command, port, folder, environment, "/_health") as served:
            token = (folder / TOKEN_FILE).read_text()
            yield RunningStrapi(served, folder / DATABASE_FILE, token)
