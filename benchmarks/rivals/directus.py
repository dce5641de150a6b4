"""Directus: a server that makes an API of tables, here of contacts, their e-mails and phones."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from benchmarks.bodies import company
from benchmarks.rivals.asking import ask
from benchmarks.rivals.messages import JSON, message
from benchmarks.rivals.packages import node_packages
from benchmarks.rivals.rows import flat_body, into_sqlite
from benchmarks.rivals.serving import Answering, Served, free_port, run, serving
from benchmarks.rivals.stores import durable_sqlite, sqlite_bytes

_DIRECTUS: Final = "12.4.0"
_COMMAND: Final = "node_modules/@directus/api/dist/cli/run.js"
"""Its command line, without the look for newer versions that comes before."""
_BATCH: Final = 10_000
_WHOLE: Final = "*,emails.*,phones.*"
_SETTINGS: Final = {
    "HOST": "127.0.0.1",
    "DB_CLIENT": "sqlite3",
    "NODE_ENV": "production",
    "LOG_LEVEL": "warn",
    "SERVE_APP": "false",
    "TELEMETRY": "false",
    "TELEMETRY_URL": "http://127.0.0.1:9/",
    "PRESSURE_LIMITER_ENABLED": "false",
    "ADMIN_EMAIL": "admin@example.com",
}


class RunningDirectus(Answering):
    """The server, with its three collections."""

    def __init__(self, served: Served, database: Path, token: str) -> None:
        super().__init__(served)
        self._database = database
        self._headers: Mapping[str, str] = {**JSON, "authorization": f"Bearer {token}"}

    def create(self, number: int) -> bytes:
        """`POST /items/contacts`, with rows of e-mails and phones."""
        sent = json.dumps(flat_body(number)).encode()
        return message("POST", "/items/contacts", sent, self._headers)

    def id_in(self, number: int, answer: bytes) -> str:
        """The number that the database gave."""
        return str(json.loads(answer)["data"]["id"])

    def get(self, contact_id: str) -> bytes:
        """`GET /items/contacts/{id}`, with e-mails and phones."""
        fields = urlencode({"fields": _WHOLE})
        return message("GET", f"/items/contacts/{contact_id}?{fields}", headers=self._headers)

    def page(self, number: int) -> bytes:
        """`GET /items/contacts`, of one company by last name, with e-mails and phones."""
        asked = {"filter[company][_eq]": company(number), "sort": "last_name", "limit": 50}
        path = f"/items/contacts?{urlencode({**asked, 'fields': _WHOLE})}"
        return message("GET", path, headers=self._headers)

    def fill(self, start: int, stop: int) -> None:
        """Rows straight into its tables, without the activities and revisions of a create."""
        for first in range(start, stop, _BATCH):
            into_sqlite(self._database, range(first, min(first + _BATCH, stop)))

    def disk_bytes(self) -> int:
        """Its database, with its own tables."""
        return sqlite_bytes(self._database)

    def make_collections(self) -> None:
        """Tables, and the two relations between them; an administrator clicks them together."""
        for name, fields in _COLLECTIONS.items():
            self._post("/collections", {"collection": name, "schema": {}, "fields": fields})
        for name in ("emails", "phones"):
            alias = {"field": name, "type": "alias", "meta": {"special": ["o2m"]}}
            self._post("/fields/contacts", alias)
            ends = {"collection": name, "field": "contact_id", "related_collection": "contacts"}
            self._post("/relations", {**ends, "schema": {}, "meta": {"one_field": name}})

    def _post(self, path: str, sent: Any) -> None:
        ask(self.port, "POST", path, json.dumps(sent).encode(), self._headers)


class Directus:
    """Directus on SQLite, in one process."""

    name = "Directus, SQLite"
    version = _DIRECTUS
    does = (
        "alike: refuses an e-mail that another has, permissions; more: an activity and a revision "
        "of each of the four rows; less: no check of e-mails or phones, no search index"
    )

    def install(self, folder: Path) -> None:
        """A Node project with its packages; the driver of SQLite is compiled."""
        self._project = folder
        self._environment = node_packages(folder, {"directus": _DIRECTUS})

    @contextmanager
    def started(self, folder: Path) -> Iterator[RunningDirectus]:
        """On a new file in the folder."""
        database, port, token = folder / "directus.db", free_port(), secrets.token_hex()
        durable_sqlite(database)
        environment = {
            **self._environment,
            **_SETTINGS,
            "PORT": str(port),
            "DB_FILENAME": str(database),
            "STORAGE_LOCAL_ROOT": str(folder / "uploads"),
            "EXTENSIONS_PATH": str(folder / "extensions"),
            "SECRET": secrets.token_hex(),
            "ADMIN_PASSWORD": secrets.token_hex(),
            "ADMIN_TOKEN": token,
        }
        command = ["node", str(self._project / _COMMAND)]
        run([*command, "bootstrap"], folder, environment)
        with serving([*command, "start"], port, folder, environment, "/server/ping") as served:
            running = RunningDirectus(served, database, token)
            running.make_collections()
            yield running


def _field(name: str, **schema: bool) -> dict[str, Any]:
    return {"field": name, "type": "string", "schema": schema, "meta": {}}


_KEY: Final = {
    "field": "id",
    "type": "integer",
    "schema": {"is_primary_key": True, "has_auto_increment": True},
    "meta": {},
}
_CONTACT: Final = {
    "field": "contact_id",
    "type": "integer",
    "schema": {"is_indexed": True},
    "meta": {},
}
_COLLECTIONS: Final = {
    "contacts": [
        _KEY,
        _field("first_name"),
        _field("last_name", is_indexed=True),
        _field("company", is_indexed=True),
    ],
    "emails": [_KEY, _CONTACT, _field("email", is_unique=True), _field("tag")],
    "phones": [_KEY, _CONTACT, _field("phone"), _field("country_code")],
}
