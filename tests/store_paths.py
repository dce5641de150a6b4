"""Stores named by a path: an SQLite file, or a file that holds the URL of a PostgreSQL database.

So whatever takes the path of a store works on both kinds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.databases import DATABASES
from tests.stores import PostgresDatabase, Rows, SqliteFile, StoreUnderTest, Word
from tests.waiting import wait_for

_URL = ".url"


def new_path(kind: str, folder: Path) -> Path:
    """The path of an empty store in the folder; of a database that is lent until `give_back`."""
    if kind == "sqlite":
        return folder / "contacts.db"
    path = folder / f"contacts{_URL}"
    path.write_text(DATABASES.lend())
    return path


def give_back(path: Path) -> None:
    """Let go of the store: its database is emptied for others."""
    if is_postgres(path):
        DATABASES.take_back(url_of(path))


def is_postgres(path: Path) -> bool:
    """Whether the store is a database of PostgreSQL."""
    return path.suffix == _URL


def url_of(path: Path) -> str:
    """The URL by which the store is opened."""
    return path.read_text() if is_postgres(path) else f"sqlite:///{path}"


def rows(path: Path, sql: str, *values: Any) -> Rows:
    """What a statement for both kinds selects; `?` stand for the values, ids come as text."""
    with seen(path) as store:
        return store.rows(sql, *values)


def change(path: Path, sql: str, *values: Any) -> None:
    """Change the store as nothing of ours does."""
    with seen(path) as store:
        store.change(sql, *values)


@contextmanager
def seen(path: Path) -> Iterator[StoreUnderTest]:
    """The store, to look into and to change from outside."""
    store = _Borrowed(path) if is_postgres(path) else SqliteFile(path)
    try:
        yield store
    finally:
        store.close()


def as_id(path: Path, guid: str) -> Any:
    """An id as a value for `rows` and `change`."""
    return UUID(guid) if is_postgres(path) else UUID(guid).bytes


def search_words(path: Path) -> list[Word]:
    """All that stands in the index of words: contact, column, word with its site's tag."""
    with seen(path) as store:
        return store.words()


class _Borrowed(PostgresDatabase):
    """A database that somebody else has lent and gives back."""

    def __init__(self, path: Path) -> None:
        StoreUnderTest.__init__(self, url_of(path), path.parent)
        self._connection = None

    def close(self) -> None:
        if self._connection is not None:
            wait_for(self._connection.close())
