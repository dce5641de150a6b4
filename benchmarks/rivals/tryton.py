"""Tryton: a business system whose module `party` keeps people, with ways to contact them."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from benchmarks.bodies import COMPANIES, body, company
from benchmarks.rivals.asking import send
from benchmarks.rivals.gunicorn import PACKAGE, gunicorn
from benchmarks.rivals.messages import JSON, message
from benchmarks.rivals.packages import python_packages
from benchmarks.rivals.serving import Answering, Served, run
from benchmarks.rivals.stores import durable_postgres, postgres_bytes
from benchmarks.rivals.tryton_rows import into_tryton

_TRYTON: Final = "8.2.1"
_PACKAGES: Final = (
    f"trytond=={_TRYTON}",
    "trytond-party[phonenumbers]==8.2.0",
    "phonenumbers==9.0.43",
    "psycopg[binary,pool]==3.3.9",
    PACKAGE,
)
_DATABASE: Final = "rival_tryton"
_PATH: Final = f"/{_DATABASE}/rpc/"
_USER: Final = "admin"
_BATCH: Final = 10_000
_FIELDS: Final = [
    "name",
    "contact_mechanisms.type",
    "contact_mechanisms.value",
    "contact_mechanisms.name",
    "categories.name",
]


class RunningTryton(Answering):
    """The server, with a session of its administrator and a category for each company."""

    def __init__(self, served: Served, database_url: str, password: str) -> None:
        super().__init__(served, database_url)
        self._url = database_url
        self._headers: Mapping[str, str] = JSON
        user, session, *_ = self._ask("common.db.login", _USER, {"password": password})
        credential = base64.b64encode(f"{_USER}:{user}:{session}".encode()).decode()
        self._headers = {**JSON, "authorization": f"Session {credential}"}
        names = [{"name": company(number)} for number in range(COMPANIES)]
        self._categories: list[int] = self._ask("model.party.category.create", names, {})

    def create(self, number: int) -> bytes:
        """`create` of a party with its contact mechanisms."""
        return self._call("model.party.party.create", [self._party(number)], {})

    def id_in(self, number: int, answer: bytes) -> str:
        """The number that the database gave."""
        return str(json.loads(answer)["result"][0])

    def get(self, contact_id: str) -> bytes:
        """`read` of a party with its contact mechanisms."""
        return self._call("model.party.party.read", [int(contact_id)], _FIELDS, {})

    def page(self, number: int) -> bytes:
        """`search_read` of the parties in the company's category, by name."""
        domain = [["categories", "=", self._categories[number % COMPANIES]]]
        order = [["name", "ASC"]]
        return self._call("model.party.party.search_read", domain, 0, 50, order, _FIELDS, {})

    def fill(self, start: int, stop: int) -> None:
        """Rows straight into its tables."""
        for first in range(start, stop, _BATCH):
            into_tryton(self._url, range(first, min(first + _BATCH, stop)))

    def disk_bytes(self) -> int:
        """Its database, with its own tables."""
        return postgres_bytes(self._url)

    def _call(self, method: str, *parameters: Any) -> bytes:
        sent = json.dumps({"id": 0, "method": method, "params": parameters}).encode()
        return message("POST", _PATH, sent, self._headers)

    def _ask(self, method: str, *parameters: Any) -> Any:
        """What a call returns; its errors are answered with 200 too, and raise RuntimeError."""
        told = json.loads(send(self.port, self._call(method, *parameters)))
        if "error" in told:
            raise RuntimeError(f"{method}: {told['error']}")
        return told["result"]

    def _party(self, number: int) -> dict[str, Any]:
        """The last name first, for a party has one name, by which it is sorted."""
        info = body(number)
        mechanisms = [
            {"type": "email", "value": one["email"], "name": one["tag"]}
            for one in info["emails"]["items"]
        ]
        mechanisms += [
            {"type": "phone", "value": f"+1{one['phone']}"} for one in info["phones"]["items"]
        ]
        return {
            "name": f"{info['name']['last']}, {info['name']['first']}",
            "contact_mechanisms": [["create", mechanisms]],
            "categories": [["add", [self._categories[number % COMPANIES]]]],
        }


class Tryton:
    """Tryton under Gunicorn on PostgreSQL, for on SQLite its commits do not wait for the disk.

    `server` is the URL of one, where a database is made. It has no field for a company, so each is
    a category of parties.
    """

    name = "Tryton, PostgreSQL"
    version = _TRYTON
    does = (
        "alike: checks and formats phones; more: sessions, a number for each party; less: no check "
        "of e-mails or duplicates, no events, no search index; one name, companies are categories"
    )

    def __init__(self, server: str) -> None:
        self._server = server

    def install(self, folder: Path) -> None:
        """A Python environment with its packages."""
        self._commands = python_packages(folder, _PACKAGES)

    @contextmanager
    def started(self, folder: Path) -> Iterator[RunningTryton]:
        """On a new database with the module `party`."""
        url, password = durable_postgres(self._server, _DATABASE), secrets.token_hex()
        settings, secret = folder / "trytond.conf", folder / "password"
        secret.write_text(password)
        server = urlsplit(self._server)._replace(path="").geturl()
        settings.write_text(f"[database]\nuri = {server}\n[session]\ntimeout = 86400\n")
        environment = {"TRYTOND_CONFIG": str(settings), "TRYTONPASSFILE": str(secret)}
        command = [str(self._commands / "trytond-admin"), "-d", _DATABASE, "-u", "party"]
        command += ["--activate-dependencies", "--email", "admin@example.com"]
        run(command, folder, environment)
        environment["TRYTOND_DATABASE_NAMES"] = _DATABASE
        application = "trytond.application:app"
        with gunicorn(self._commands, application, folder, environment, "/") as served:
            yield RunningTryton(served, url, password)
