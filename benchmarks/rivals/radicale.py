"""Radicale: a CardDAV server (RFC 6352) that keeps each contact as a vCard in a file."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.bodies import body
from benchmarks.rivals.asking import ask
from benchmarks.rivals.gunicorn import PACKAGE, gunicorn
from benchmarks.rivals.messages import basic, message
from benchmarks.rivals.packages import python_packages
from benchmarks.rivals.serving import Answering, Served

_RADICALE: Final = "3.9.0"
_USER: Final = "benchmark"
_BOOK: Final = f"/{_USER}/contacts/"
_VCARD: Final = {"content-type": "text/vcard; charset=utf-8"}
_XML: Final = {"content-type": "application/xml; charset=utf-8", "depth": "1"}
_MAKE_BOOK: Final = b"""<?xml version="1.0" encoding="utf-8"?>
<mkcol xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav"><set><prop>
<resourcetype><collection/><c:addressbook/></resourcetype>
</prop></set></mkcol>"""
_SETTINGS: Final = """
[auth]
type = htpasswd
htpasswd_filename = {folder}/users
htpasswd_encryption = plain
[storage]
filesystem_folder = {folder}/collections
[web]
type = none
[logging]
level = warning
"""


class RunningRadicale(Answering):
    """The server, with one address book of one user."""

    def __init__(self, served: Served, collections: Path, credential: str) -> None:
        super().__init__(served)
        self._collections = collections
        self._credential: Mapping[str, str] = {"authorization": credential}

    def create(self, number: int) -> bytes:
        """`PUT` of a vCard under a name that nobody has."""
        headers = {**_VCARD, **self._credential, "if-none-match": "*"}
        return message("PUT", f"{_BOOK}{_file(number)}", _card(number).encode(), headers)

    def id_in(self, number: int, answer: bytes) -> str:
        """The name that the client gave; the answer tells none."""
        return _file(number)

    def get(self, contact_id: str) -> bytes:
        """`GET` of a vCard."""
        return message("GET", f"{_BOOK}{contact_id}", headers=self._credential)

    def page(self, number: int) -> None:
        """It has no such question: a `REPORT` by company reads all cards, and neither sorts them
        nor takes the first."""

    def fill(self, start: int, stop: int) -> None:
        """Files in its folder, as it writes them itself; it reads them when it is asked."""
        book = self._collections / f"collection-root{_BOOK}"
        for number in range(start, stop):
            (book / _file(number)).write_bytes(_card(number).encode())

    def disk_bytes(self) -> int:
        """The blocks of its files and folders, with what it keeps to find them."""
        found = (self._collections, *self._collections.rglob("*"))
        return sum(path.stat().st_blocks * 512 for path in found)


class Radicale:
    """Radicale under Gunicorn: its own server closes the connection after each answer."""

    name = "Radicale"
    version = _RADICALE
    does = (
        "less: reads the vCard, but no check of e-mails, phones or duplicates, no events, no "
        "revisions, no search index; the client chooses the id"
    )

    def install(self, folder: Path) -> None:
        """A Python environment with its packages."""
        self._commands = python_packages(folder, [f"radicale=={_RADICALE}", PACKAGE])

    @contextmanager
    def started(self, folder: Path) -> Iterator[RunningRadicale]:
        """With an empty address book in the folder; it waits for the disk of its own accord."""
        password = secrets.token_hex()
        (folder / "users").write_text(f"{_USER}:{password}\n")
        settings = folder / "settings"
        settings.write_text(_SETTINGS.format(folder=folder))
        environment = {"RADICALE_CONFIG": str(settings)}
        with gunicorn(self._commands, "radicale", folder, environment, "/") as served:
            credential = basic(_USER, password)
            ask(served.port, "MKCOL", _BOOK, _MAKE_BOOK, {**_XML, "authorization": credential})
            yield RunningRadicale(served, folder / "collections", credential)


def _file(number: int) -> str:
    return f"{number}.vcf"


def _card(number: int) -> str:
    """A vCard (RFC 2426): kinds of e-mail and phone are its types."""
    info = body(number)
    first, last = info["name"]["first"], info["name"]["last"]
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{number}", f"FN:{first} {last}"]
    lines += [f"N:{last};{first};;;", f"ORG:{info['company']}"]
    lines += [f"EMAIL;TYPE={one['tag']}:{one['email']}" for one in info["emails"]["items"]]
    lines += [f"TEL:{one['phone']}" for one in info["phones"]["items"]]
    return "\r\n".join([*lines, "END:VCARD", ""])
