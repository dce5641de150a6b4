"""What is compared: a server that keeps contacts, started by the harness and asked over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol


class Unavailable(Exception):
    """A subject cannot be had on this machine; the message says why."""


class Running(Protocol):
    """A server that answers; requests are whole HTTP/1.1 messages for a connection kept open.

    Contacts are those of `bodies.body`, by their number.
    """

    port: int
    pids: Sequence[int]
    """All processes whose processor time and memory count, but for a PostgreSQL server."""
    start_s: float
    """Seconds from the command to the first answer."""
    database_url: str | None
    """Its database on a PostgreSQL server, whose processes for it count too; None without one."""

    def create(self, number: int) -> bytes:
        """Create this contact, to be answered once it is on the disk."""

    def id_in(self, number: int, answer: bytes) -> str:
        """The id of this contact, from the body of the answer to its create where that tells it."""

    def get(self, contact_id: str) -> bytes:
        """Read one contact by its id."""

    def page(self, number: int) -> bytes | None:
        """The first 50 contacts of `bodies.company(number)`, by last name; None if it has no such
        question."""

    def fill(self, start: int, stop: int) -> None:
        """Store the contacts of these numbers by its quickest way, for later questions."""

    def disk_bytes(self) -> int:
        """What its data takes on the disk now, without what is only written ahead."""


class Subject(Protocol):
    """A product, or a limit."""

    name: str
    version: str
    does: str
    """What it does less or more than a create here: a few words for beside its row."""

    def install(self, folder: Path) -> None:
        """Get what it needs into this folder, unless it is there; may raise Unavailable."""

    def started(self, folder: Path) -> AbstractContextManager[Running]:
        """A server on an empty store in this folder, until the block ends."""
