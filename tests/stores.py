"""Stores of both kinds for tests of any folder, and ways to look into them from outside."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, TypeAlias
from uuid import UUID

import apsw
import asyncpg
import pytest

from tests.citus import CitusDatabases, is_wanted
from tests.databases import Databases
from tests.postgres import PostgresMissing
from tests.waiting import wait_for

KINDS = ("sqlite", "postgres")
COLUMNS = ("name", "email", "phone", "company")
"""The columns of the index of words, by the letters A to D and the positions 1 to 4."""

Rows: TypeAlias = list[tuple[Any, ...]]
Ask: TypeAlias = Callable[..., Rows]
"""Answers a statement and the values of its `?`: ids as text, booleans as such."""

Word: TypeAlias = tuple[str, str, str]
"""Contact id, column, and the word behind its site's tag."""

sqlite_only = pytest.mark.parametrize("store", ["sqlite"], indirect=True)
"""For tests of what concerns no other kind of store."""

DATABASES = CitusDatabases() if is_wanted() else Databases()
"""Those of this process."""

_BUSY_MS = 5_000


class StoreUnderTest(ABC):
    """A store that a test works on through its URL, and sees and changes without our own code.

    Statements are those that both kinds know. The folder is for logs, settings and outputs.
    """

    kind: ClassVar[str]
    fault: ClassVar[str]
    """How a log names the fault that `plant_fault` plants."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder

    def rows(self, sql: str, *values: Any) -> Rows:
        """All rows of the answer."""
        with self.snapshot() as ask:
            return ask(sql, *values)

    def value(self, sql: str, *values: Any) -> Any:
        """The first column of the only row."""
        ((found,),) = self.rows(sql, *values)
        return found

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[Ask]:
        """Answers several questions about one moment."""

    @abstractmethod
    def change(self, sql: str, *values: Any) -> None:
        """Change the store as nothing of ours does."""

    @abstractmethod
    def words(self, tag: str = "") -> list[Word]:
        """What the index of words has behind the tag of a site, or of all of them."""

    @abstractmethod
    def state(self) -> object:
        """Something else after each commit of anybody that wrote something."""

    @abstractmethod
    def content(self) -> bytes:
        """All that the database keeps, as it keeps it."""

    @abstractmethod
    def plant_fault(self, event: str, table: str) -> None:
        """Let the store refuse an INSERT, UPDATE or the like as no code of ours expects."""

    @abstractmethod
    def remove_fault(self, table: str) -> None:
        """Let the store work again."""

    @abstractmethod
    def close(self) -> None:
        """Look no longer; where the store was lent, it is given back."""


class SqliteFile(StoreUnderTest):
    """A store in a file."""

    kind = "sqlite"
    fault = "planted fault"

    def __init__(self, path: Path) -> None:
        super().__init__(f"sqlite:///{path}", path.parent)
        self.path = path
        self._watching: apsw.Connection | None = None

    @contextmanager
    def snapshot(self) -> Iterator[Ask]:
        with closing(self._opened()) as connection:
            connection.execute("BEGIN")
            yield lambda sql, *values: _read(connection, sql, values)

    def change(self, sql: str, *values: Any) -> None:
        with closing(self._opened()) as connection:
            connection.execute(sql, values)

    def words(self, tag: str = "") -> list[Word]:
        with closing(self._opened()) as connection:
            connection.execute(_VOCABULARY)
            return sorted(_read(connection, _WORDS, (f"{tag}*",)))

    def state(self) -> object:
        if self._watching is None:
            self._watching = self._opened()
        return self._watching.pragma("data_version")

    def content(self) -> bytes:
        files = sorted(self.folder.glob(f"{self.path.name}*"))
        assert self.path in files
        return b"".join(file.read_bytes() for file in files)

    def plant_fault(self, event: str, table: str) -> None:
        self.change(
            f"CREATE TRIGGER planted_fault BEFORE {event} ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'planted fault'); END"
        )

    def remove_fault(self, table: str) -> None:
        self.change("DROP TRIGGER planted_fault")

    def close(self) -> None:
        if self._watching is not None:
            self._watching.close()
            self._watching = None

    def _opened(self) -> apsw.Connection:
        # A second SQLite library in this process would break the locks of the first.
        connection = apsw.Connection(str(self.path), flags=apsw.SQLITE_OPEN_READWRITE)
        connection.set_busy_timeout(_BUSY_MS)
        return connection


class PostgresDatabase(StoreUnderTest):
    """A store in a database of the server that tests have; lent, and to be given back."""

    kind = "postgres"
    fault = "RaiseError"

    def __init__(self, folder: Path, *, is_bare: bool = False) -> None:
        super().__init__(DATABASES.lend(is_bare=is_bare), folder)
        self._connection: asyncpg.Connection | None = None
        self._versions = ""

    def rows(self, sql: str, *values: Any) -> Rows:
        return self._fetched(sql, *values)

    @contextmanager
    def snapshot(self) -> Iterator[Ask]:
        connection = self._opened()
        transaction = connection.transaction(isolation="repeatable_read", readonly=True)
        wait_for(transaction.start())
        try:
            yield self._fetched
        finally:
            wait_for(transaction.rollback())

    def change(self, sql: str, *values: Any) -> None:
        wait_for(self._opened().execute(_numbered(sql), *values))

    def words(self, tag: str = "") -> list[Word]:
        found = self.rows(_LEXEMES, tag)
        for key, _, weights, positions in found:
            assert [COLUMNS[at - 1] for at in positions] == [_WEIGHTED[one] for one in weights], key
        return sorted(
            (key, _WEIGHTED[one], word) for key, word, weights, _ in found for one in weights
        )

    def state(self) -> object:
        if not self._versions:
            tables = [name for (name,) in self.rows(_TABLES)]
            parts = [f"SELECT '{name}', count(*), {_VERSIONS} FROM {name}" for name in tables]
            self._versions = " UNION ALL ".join(parts)
        return self.rows(self._versions)

    def content(self) -> bytes:
        parts: list[bytes] = []

        async def keep(part: bytes) -> None:
            parts.append(part)

        for (name,) in self.rows(_TABLES):
            wait_for(self._opened().copy_from_table(name, output=keep, format="binary"))
        return b"".join(parts)

    def plant_fault(self, event: str, table: str) -> None:
        self.change(
            "CREATE OR REPLACE FUNCTION planted_fault() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN RAISE EXCEPTION ''planted fault''; END'"
        )
        self.change("SET citus.enable_unsafe_triggers = on")
        self.change(
            f"CREATE TRIGGER planted_fault BEFORE {event} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION planted_fault()"
        )

    def remove_fault(self, table: str) -> None:
        self.change(f"DROP TRIGGER planted_fault ON {table}")

    def close(self) -> None:
        if self._connection is not None:
            wait_for(self._connection.close())
            self._connection = None
        DATABASES.take_back(self.url)

    def _fetched(self, sql: str, *values: Any) -> Rows:
        found = wait_for(self._opened().fetch(_numbered(sql), *values))
        return [tuple(map(_plain, row)) for row in found]

    def _opened(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = wait_for(_connected(self.url))
        return self._connection


@contextmanager
def new_store(kind: str, folder: Path, *, is_bare: bool = False) -> Iterator[StoreUnderTest]:
    """An empty store; `is_bare` has not even its tables. Skips the test where no store can be had.

    A file comes to be when it is first opened.
    """
    try:
        store = _made(kind, folder, is_bare=is_bare)
    except PostgresMissing as missing:
        pytest.skip(str(missing))
    try:
        yield store
    finally:
        store.close()


def _made(kind: str, folder: Path, *, is_bare: bool) -> StoreUnderTest:
    if kind == "sqlite":
        return SqliteFile(folder / "contacts.db")
    return PostgresDatabase(folder, is_bare=is_bare)


_VOCABULARY = "CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, contact_search, instance)"
_WORDS = (
    "SELECT coalesce(c.id, CAST(w.doc AS TEXT)), w.col, w.term FROM temp.words w "
    "LEFT JOIN contacts c ON c.number = w.doc WHERE w.term GLOB ?"
)
_LEXEMES = (
    "SELECT s.contact_id, u.lexeme, u.weights, u.positions "
    "FROM contact_search s, unnest(s.words) u WHERE starts_with(u.lexeme, ?)"
)
_WEIGHTED: Mapping[str, str] = dict(zip("ABCD", COLUMNS, strict=True))
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
_VERSIONS = "sum(hashtextextended(ctid::text || ' ' || xmin, 0))"
_PARAMETER = re.compile(r"\?")


async def _connected(url: str) -> asyncpg.Connection:
    return await asyncpg.connect(url)


def _numbered(sql: str) -> str:
    numbers = count(1)
    return _PARAMETER.sub(lambda _: f"${next(numbers)}", sql)


def _read(connection: apsw.Connection, sql: str, values: tuple[Any, ...]) -> Rows:
    cursor = connection.execute(sql, values)
    found: Rows = []
    for row in cursor:
        kinds = [kind for _, kind in cursor.getdescription()]
        found.append(tuple(map(_of_kind, row, kinds)))
    return found


def _of_kind(value: Any, kind: str | None) -> Any:
    if kind == "boolean":
        return bool(value)
    return str(UUID(bytes=value)) if isinstance(value, bytes) and len(value) == 16 else value


def _plain(value: Any) -> Any:
    """The value as SQLite would have it."""
    match value:
        case Decimal():
            return int(value)
        case UUID():
            return str(value)
        case _:
            return value
