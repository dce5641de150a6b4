"""SQLite's side of a copy: files that are read as they are at one moment, and files to fill."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar, cast

import apsw

from contactory.domain.errors import FailedPrecondition, NotFound, StoreDamaged, Unavailable
from contactory.kit.ids import RowId, number_of
from contactory.store.copying import BATCH, WRITTEN_TO, Table, check_version, word_rows
from contactory.store.engine import Row
from contactory.store.outbox import MOST_PLACED
from contactory.store.queries import load
from contactory.store.sqlite import SqliteStore, is_unfinished, schema_number

_T = TypeVar("_T")

_BUSY_MS: Final = 20_000
# Nobody else opens a file that is being filled. Rows that a crash of the machine undoes are copied
# again; what is finished is kept.
_FILLING: Final = """
    PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
    PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=16384
"""
_FINISHING: Final = (
    "PRAGMA synchronous=FULL; DROP TABLE unfinished_copy; PRAGMA journal_mode=DELETE"
)
_SOURCE: Final = "SELECT source FROM unfinished_copy"
_BEGINNING: Final = "CREATE TABLE unfinished_copy (source text NOT NULL); DELETE FROM sites"
_NAMING: Final = "INSERT INTO unfinished_copy (source) VALUES (?)"
_IS_TAKEN: Final = "SELECT 1 FROM contacts WHERE number = ?"


class SqliteSource:
    """A file, read in one transaction. What takes long runs in another thread."""

    def __init__(self, path: Path, connection: apsw.Connection) -> None:
        self.name = file_name(path)
        self._connection = connection

    async def count(self, table: Table) -> int:
        """How many rows the table has."""
        return int((await self._rows(f"SELECT count(*) FROM {table.name}"))[0][0])

    async def batches(self, table: Table, *, is_sorted: bool) -> AsyncGenerator[list[Row], None]:
        """All rows of the table."""
        order = f"ORDER BY {', '.join(table.key)}" if is_sorted else ""
        sql = f"SELECT {', '.join(table.columns)} FROM {table.name} {order}"
        cursor = await self._run(lambda: self._connection.execute(sql))
        while rows := await self._run(lambda: list(islice(cursor, BATCH))):
            yield rows

    async def _rows(self, sql: str) -> list[Row]:
        return await self._run(lambda: self._connection.execute(sql).fetchall())

    async def _run(self, work: Callable[[], _T]) -> _T:
        return await asyncio.to_thread(_told, self.name, work)


class SqliteTarget(SqliteSource):
    """A file that is filled; nobody else can open it meanwhile."""

    def __init__(self, path: Path, connection: apsw.Connection) -> None:
        super().__init__(path, connection)
        self._queries = load("sqlite")
        self._words = self._queries["update_search_words"]

    async def source_name(self) -> str | None:
        """Of which source a copy was begun here and is not finished."""
        if not await self._run(lambda: is_unfinished(self._connection)):
            return None
        return str((await self._rows(_SOURCE))[0][0])

    async def begin(self, source_name: str) -> None:
        """Remember that a copy of this source was begun, and remove sites without anything."""
        await self._run(lambda: self._begin(source_name))

    async def last_key(self, table: Table) -> Row | None:
        """The last key that the table has."""
        falling = ", ".join([f"{column} DESC" for column in table.key])
        key = ", ".join(table.key)
        rows = await self._rows(f"SELECT {key} FROM {table.name} ORDER BY {falling} LIMIT 1")
        return rows[0] if rows else None

    def storable(self, _table: Table, rows: list[Row]) -> list[Row]:
        """The rows as they are."""
        return rows

    async def write(self, table: Table, rows: list[Row]) -> None:
        """Insert rows, with numbers for contacts, and words for their documents."""
        await self._run(lambda: self._write(table, rows))

    async def finish(self) -> None:
        """Leave one file like any other: in it, each event has its place."""
        await self._run(self._place_events)
        await self._run(lambda: self._connection.execute(_FINISHING).fetchall())

    def _begin(self, source_name: str) -> None:
        with self._connection:
            self._connection.execute(_BEGINNING)
            self._connection.execute(_NAMING, (source_name,))

    def _write(self, table: Table, rows: list[Row]) -> None:
        columns = table.columns
        with self._connection:
            if table.name == "contacts":
                columns = (*columns, "number")
                rows = self._numbered(table, rows)
            values = ", ".join("?" * len(columns))
            insert = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({values})"
            self._connection.executemany(insert, rows)
            if table.name == "contact_documents":
                words = word_rows("sqlite", rows)
                self._connection.executemany(self._words.sql, map(self._words.values, words))

    def _place_events(self) -> None:
        placing = self._queries["place_events"]
        sites = self._queries["sites_with_unplaced_events"].sql
        with self._connection:
            while found := self._connection.execute(sites).fetchall():
                for (site,) in found:
                    values = placing.values({"site_id": site, "most": MOST_PLACED})
                    self._connection.execute(placing.sql, values)

    def _numbered(self, table: Table, contacts: list[Row]) -> list[Row]:
        """Each contact with its number: the next free one where it is taken.

        Other stores may have contacts whose ids give one number. They come in the order of their
        ids, so that the numbers of a site are in that order too.
        """
        given: set[int] = set()
        numbered = []
        for row in contacts:
            number = number_of(RowId.of_bytes(table.key_of(row)[1]))
            while number in given or self._connection.execute(_IS_TAKEN, (number,)).fetchall():
                number += 1
            given.add(number)
            numbered.append((*row, number))
        return numbered


@asynccontextmanager
async def sqlite_source(path: Path) -> AsyncIterator[SqliteSource]:
    """A file to copy. Raises NotFound, StoreDamaged, FailedPrecondition, Unavailable."""
    if not await asyncio.to_thread(path.is_file):
        raise NotFound(f"there is no store {file_name(path)}")
    connection = _told(file_name(path), lambda: _opened(path))
    try:
        number = _told(file_name(path), lambda: _read_version(connection))
        if not number:
            raise StoreDamaged(f"{path} is not a contactory store")
        check_version(file_name(path), number)
        yield SqliteSource(path, connection)
    finally:
        connection.close(True)


@asynccontextmanager
async def sqlite_target(path: Path) -> AsyncIterator[SqliteTarget]:
    """A file to fill, which is made where there is none. Raises StoreDamaged, Unavailable."""
    if not _is_unfinished(path):
        await (await SqliteStore.open(path)).close()
    connection = _told(file_name(path), lambda: _opened(path))
    try:
        _told(file_name(path), lambda: connection.execute(_FILLING).fetchall())
        check_version(file_name(path), cast("int", connection.pragma("user_version")))
        yield SqliteTarget(path, connection)
    finally:
        connection.close(True)


def file_name(path: Path) -> str:
    """The file's URL, wherever it is named from."""
    return f"sqlite:///{path.resolve()}"


def _opened(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    connection.set_busy_timeout(_BUSY_MS)
    return connection


def _read_version(connection: apsw.Connection) -> int:
    connection.execute("BEGIN")
    return schema_number(connection)


def _is_unfinished(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        connection = _opened(path)
        try:
            return is_unfinished(connection)
        finally:
            connection.close(True)
    except apsw.Error:  # Opening the store tells what is wrong with it.
        return False


def _told(name: str, work: Callable[[], _T]) -> _T:
    """What the work returns; errors as those above the store know them."""
    try:
        return work()
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise StoreDamaged(f"{name} is damaged or not a contactory store: {error}") from error
    except apsw.ConstraintError as error:
        raise FailedPrecondition(f"{name} is not what its source is: {WRITTEN_TO}") from error
    except apsw.BusyError as error:
        raise Unavailable(f"{name} is in use: end what uses it, or wait for it") from error
    except (apsw.Error, OSError) as error:
        raise Unavailable(f"cannot copy from or to {name}: {error}") from error
