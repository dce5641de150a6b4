"""Contactory as one of those that are compared, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw
import msgspec
import uvloop

import contactory
from benchmarks.bodies import body, company
from benchmarks.databases import database_bytes, make_database
from benchmarks.filling import fill
from benchmarks.load import http_request
from benchmarks.processes import served
from contactory.store.opening import is_postgres

CONTACTS = "/contacts/v4/contacts"
COMMAND = str(Path(sys.executable).with_name("contactory"))
PAGE = 50


def contactory_json(*arguments: str) -> dict[str, str]:
    """What a command prints with `--json`."""
    done = subprocess.run(
        [COMMAND, *arguments, "--json"], check=True, capture_output=True, text=True
    )
    return dict(json.loads(done.stdout))


class RunningContactory:
    """A server of Contactory on a store, asked with a key."""

    def __init__(self, store: str, key: str, port: int, pid: int, start_s: float) -> None:
        self.port = port
        self.pids: Sequence[int] = [pid]
        self.start_s = start_s
        self.database_url: str | None = store if is_postgres(store) else None
        self._store = store
        self._headers = {"authorization": key}

    def create(self, number: int) -> bytes:
        """A create with all checks."""
        return self._request(CONTACTS, {"info": body(number)})

    def id_in(self, number: int, answer: bytes) -> str:
        """The id of the contact that was made."""
        return str(json.loads(answer)["contact"]["id"])

    def get(self, contact_id: str) -> bytes:
        """The contact with all its fields."""
        return http_request(f"{CONTACTS}/{contact_id}", None, self._headers, method="GET")

    def page(self, number: int) -> bytes:
        """A filter, a sort, a page, and the total."""
        return self.page_of(company(number))

    def page_of(self, company_name: str) -> bytes:
        """The same of a company of any name."""
        query = {
            "filter": {"info.company": company_name},
            "sort": [{"fieldName": "info.name.last", "order": "ASC"}],
            "paging": {"limit": PAGE},
        }
        return self._request(f"{CONTACTS}/query", {"query": query})

    def update(self, contact_id: str, revision: int, info: dict[str, Any]) -> bytes:
        """A change of some fields, refused where the contact has another revision."""
        sent = {"info": info, "revision": revision}
        return self._request(f"{CONTACTS}/{contact_id}", sent, method="PATCH")

    def search(self, words: str) -> bytes:
        """The first page of those in whom all these words are found."""
        search = {"search": {"expression": words}, "cursorPaging": {"limit": PAGE}}
        return self._request(f"{CONTACTS}/search", {"search": search})

    def fill(self, start: int, stop: int) -> None:
        """Through the library, beside the server."""
        uvloop.run(fill(self._store, map(body, range(start, stop))))

    def disk_bytes(self) -> int:
        """The pages of the file, or the size of the database."""
        if self.database_url:
            return asyncio.run(database_bytes(self.database_url))
        connection = apsw.Connection(self._store.removeprefix("sqlite:///"))
        try:
            return int(connection.pragma("page_count")) * int(connection.pragma("page_size"))
        finally:
            connection.close()

    def _request(self, path: str, sent: Any, method: str = "POST") -> bytes:
        return http_request(path, msgspec.json.encode(sent), self._headers, method=method)


@contextmanager
def serving(store: str, processes: int = 1) -> Iterator[RunningContactory]:
    """A server of so many processes on this store, which may have contacts, with a new key."""
    key = contactory_json("keys", "create", "--store", store)["key"]
    began = time.perf_counter()
    command = [COMMAND, "serve", "--store", store, "--log-level", "warning"]
    with served([*command, "--processes", str(processes)]) as (port, pid):
        yield RunningContactory(store, key, port, pid, time.perf_counter() - began)


class Contactory:
    """Contactory on a file of SQLite, or on a server of PostgreSQL."""

    version = contactory.__version__
    does = (
        "e-mails and phones checked and normalised, duplicates refused, found by every field "
        "and word, an event stored with each write; pages with their total"
    )

    def __init__(self, postgres: str = "", processes: int = 1) -> None:
        self.name = f"Contactory, {'PostgreSQL' if postgres else 'SQLite'}"
        if processes > 1:
            self.name += f", {processes} processes"
        self._postgres = postgres
        self._processes = processes

    def install(self, folder: Path) -> None:
        """It is here already."""

    @contextmanager
    def started(self, folder: Path) -> Iterator[RunningContactory]:
        """A server on a new store."""
        store = f"sqlite:///{folder}/contactory.db"
        if self._postgres:
            store = asyncio.run(make_database(self._postgres, "contactory_bench"))
        with serving(store, self._processes) as running:
            yield running
