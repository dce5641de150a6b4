"""What nothing can be faster than: an echo server, and loops that insert what creates write."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Protocol

import apsw
import msgspec
import starlette
import uvloop

from benchmarks.bodies import body, company
from benchmarks.create_rows import Written, raw_timing, recorded
from benchmarks.databases import make_database, server_version
from benchmarks.load import Timing, http_request
from benchmarks.own import CONTACTS, PAGE
from benchmarks.processes import served
from benchmarks.raw_postgres import raw_timing as raw_postgres_timing
from contactory.store.queries import Dialect

_CONNECTIONS = 16


class Limit(Protocol):
    """A way of storing contacts that is no server."""

    name: str
    version: str
    does: str

    def creates(self, folder: Path, seconds: float) -> Timing:
        """Insert for so long, from an empty store in this folder."""


class RunningEcho:
    """The echo server."""

    database_url: str | None = None

    def __init__(self, port: int, pid: int, start_s: float) -> None:
        self.port = port
        self.pids: Sequence[int] = [pid]
        self.start_s = start_s

    def create(self, number: int) -> bytes:
        """Sends the contact back."""
        return http_request(CONTACTS, msgspec.json.encode({"info": body(number)}), {})

    def id_in(self, number: int, answer: bytes) -> str:
        """It has one contact only."""
        return "1"

    def get(self, contact_id: str) -> bytes:
        """Encodes the one contact."""
        return http_request(f"{CONTACTS}/{contact_id}", None, {}, method="GET")

    def page(self, number: int) -> bytes:
        """Encodes the one contact fifty times."""
        query = {"filter": {"info.company": company(number)}, "paging": {"limit": PAGE}}
        return http_request(f"{CONTACTS}/query", msgspec.json.encode({"query": query}), {})

    def fill(self, start: int, stop: int) -> None:
        """It stores nothing."""

    def disk_bytes(self) -> int:
        """It stores nothing."""
        return 0


class Echo:
    """Starlette without anything behind it."""

    name = "bare echo"
    version = f"Starlette {starlette.__version__}"
    does = "decodes and encodes JSON; checks, stores and finds nothing"

    def install(self, folder: Path) -> None:
        """Contactory brought it."""

    @contextmanager
    def started(self, folder: Path) -> Iterator[RunningEcho]:
        """The server."""
        began = time.perf_counter()
        with served([sys.executable, "-m", "benchmarks.echo"], port_option=False) as (port, pid):
            yield RunningEcho(port, pid, time.perf_counter() - began)


class RawSqlite:
    """The inserts of creates, ready made, in one loop."""

    version = apsw.sqlite_lib_version()
    does = "the rows of a create of Contactory, made beforehand; no server, no checks, one caller"

    def __init__(self, per_commit: int) -> None:
        self.name = f"raw SQLite, {per_commit} a commit"
        self._per_commit = per_commit

    def creates(self, folder: Path, seconds: float) -> Timing:
        """Insert in this thread."""
        written = written_by_creates("sqlite", seconds)
        return raw_timing(folder / "raw.db", written, self._per_commit, seconds)


class RawPostgres:
    """The inserts of creates, ready made, each contact's in one statement."""

    name = f"raw PostgreSQL, {_CONNECTIONS} connections"
    does = "the rows of a create of Contactory, made beforehand; no server, no checks"

    def __init__(self, server: str) -> None:
        self.version = asyncio.run(server_version(server))
        self._server = server

    def creates(self, folder: Path, seconds: float) -> Timing:
        """Insert from this process, whose processor time counts beside the server's."""
        written = written_by_creates("postgres", seconds)
        url = asyncio.run(make_database(self._server, "contactory_bench"))
        return uvloop.run(raw_postgres_timing(url, written, _CONNECTIONS, seconds))


_A_SECOND = 4_000
"""Contacts prepared for each second; a loop that is faster ends before its time."""


@cache
def written_by_creates(dialect: Dialect, seconds: float) -> list[Written]:
    """What creates write that take about so long."""
    return recorded(dialect, int(_A_SECOND * seconds))
