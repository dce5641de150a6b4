"""The server that a competent developer writes in an afternoon, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

from benchmarks.bodies import company
from benchmarks.rivals.messages import JSON, message
from benchmarks.rivals.packages import python_packages
from benchmarks.rivals.rows import flat_body, into_postgres, into_sqlite
from benchmarks.rivals.serving import Answering, Served, free_port, serving
from benchmarks.rivals.stores import durable_postgres, postgres_bytes, sqlite_bytes

_FASTAPI: Final = "0.165.0"
_PACKAGES: Final = (
    f"fastapi=={_FASTAPI}",
    "pydantic==2.14.4",
    "email-validator==2.4.0",
    "uvicorn==0.54.0",
    "uvloop==0.23.0",
    "httptools==0.9.0",
    "sqlalchemy[asyncio]==2.1.9",
    "aiosqlite==0.22.1",
    "asyncpg==0.32.0",
)
_DOES: Final = (
    "less: checks e-mails and refuses those that another has, "
    "but no plans of phone numbers, no search, events, revisions or keys"
)
_BATCH: Final = 10_000


class RunningAfternoon(Answering):
    """The server, with what measures and fills its database."""

    def __init__(
        self, served: Served, url: str | None, measure: Callable[[], int], store: _Store
    ) -> None:
        super().__init__(served, url)
        self._measure = measure
        self._store = store

    def create(self, number: int) -> bytes:
        """`POST /contacts`."""
        return message("POST", "/contacts", json.dumps(flat_body(number)).encode(), JSON)

    def id_in(self, number: int, answer: bytes) -> str:
        """The number that the database gave."""
        return str(json.loads(answer)["id"])

    def get(self, contact_id: str) -> bytes:
        """`GET /contacts/{id}`, with e-mails and phones."""
        return message("GET", f"/contacts/{contact_id}")

    def page(self, number: int) -> bytes:
        """`GET /contacts`, of one company by last name, with e-mails and phones."""
        return message("GET", f"/contacts?company={quote(company(number))}&limit=50")

    def fill(self, start: int, stop: int) -> None:
        """Rows straight into its tables."""
        for first in range(start, stop, _BATCH):
            self._store(range(first, min(first + _BATCH, stop)))

    def disk_bytes(self) -> int:
        """Its database."""
        return self._measure()


class AfternoonOnSqlite:
    """FastAPI, Pydantic and SQLAlchemy on SQLite, in one process."""

    name = "FastAPI + SQLAlchemy, SQLite"
    version = _FASTAPI
    does = _DOES

    def install(self, folder: Path) -> None:
        """A Python environment with its packages."""
        self._commands = python_packages(folder, _PACKAGES)

    @contextmanager
    def started(self, folder: Path) -> Iterator[RunningAfternoon]:
        """On a new file in the folder."""
        path = folder / "afternoon.db"
        with _served(self._commands, folder, f"sqlite+aiosqlite:///{path}") as served:
            measure, store = partial(sqlite_bytes, path), partial(into_sqlite, path)
            yield RunningAfternoon(served, None, measure, store)


class AfternoonOnPostgres:
    """The same on PostgreSQL; `server` is the URL of one, where a database is made."""

    name = "FastAPI + SQLAlchemy, PostgreSQL"
    version = _FASTAPI
    does = _DOES

    def __init__(self, server: str) -> None:
        self._server = server

    def install(self, folder: Path) -> None:
        """A Python environment with its packages."""
        self._commands = python_packages(folder, _PACKAGES)

    @contextmanager
    def started(self, folder: Path) -> Iterator[RunningAfternoon]:
        """On a new database of the server."""
        url = durable_postgres(self._server, "rival_afternoon")
        driven = urlsplit(url)._replace(scheme="postgresql+asyncpg").geturl()
        with _served(self._commands, folder, driven) as served:
            measure, store = partial(postgres_bytes, url), partial(into_postgres, url)
            yield RunningAfternoon(served, url, measure, store)


_Store = Callable[[Iterable[int]], None]


def _served(commands: Path, folder: Path, url: str) -> AbstractContextManager[Served]:
    port = free_port()
    command = [
        str(commands / "uvicorn"),
        "afternoon_app:app",
        "--app-dir",
        str(Path(__file__).parent),
    ]
    command += ["--port", str(port), "--loop", "uvloop", "--http", "httptools"]
    command += ["--no-access-log", "--log-level", "warning"]
    return serving(command, port, folder, {"DATABASE_URL": url}, "/openapi.json")
