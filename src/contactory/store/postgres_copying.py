"""PostgreSQL's side of a copy: databases read as they are at one moment, and databases to fill."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import asyncpg

from contactory.domain.errors import FailedPrecondition, NotFound, StoreDamaged, Unavailable
from contactory.kit.ids import RowId, number_of
from contactory.store.copying import BATCH, WRITTEN_TO, Table, check_version, word_rows
from contactory.store.engine import UNFINISHED, Row
from contactory.store.postgres_errors import translated
from contactory.store.postgres_migrating import is_unfinished, migrate, schema_number
from contactory.store.postgres_transaction import sendable
from contactory.store.queries import load
from contactory.store.shown_urls import shown_url

_LOCK: Final = 0x636F7079  # "copy": one at a time fills a database.
_PATIENT: Final = """
    SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = '20s'
"""
_SOURCE: Final = "SELECT source FROM unfinished_copy"
_BEGINNING: Final = "CREATE TABLE unfinished_copy (source text NOT NULL); DELETE FROM sites"
_NAMING: Final = "INSERT INTO unfinished_copy (source) VALUES ($1)"


class PostgresSource:
    """A database, read in one transaction."""

    def __init__(self, url: str, connection: asyncpg.Connection) -> None:
        self.name = database_name(url)
        self._connection = connection

    async def count(self, table: Table) -> int:
        """How many rows the table has."""
        return int(await self._connection.fetchval(f"SELECT count(*) FROM {table.name}"))

    async def batches(self, table: Table, *, is_sorted: bool) -> AsyncGenerator[list[Row], None]:
        """All rows of the table."""
        order = f"ORDER BY {', '.join(_bytes_of_key(table))}" if is_sorted else ""
        sql = f"SELECT {', '.join(table.columns)} FROM {table.name} {order}"
        async with self._connection.transaction():
            cursor = await self._connection.cursor(sql)
            while rows := await cursor.fetch(BATCH):
                yield [tuple(row) for row in rows]


class PostgresTarget(PostgresSource):
    """A database that is filled."""

    def __init__(self, url: str, connection: asyncpg.Connection) -> None:
        super().__init__(url, connection)
        self._words = load("postgres")["insert_search_words"]

    async def source_name(self) -> str | None:
        """Of which source a copy was begun here and is not finished."""
        if not await is_unfinished(self._connection):
            return None
        return str(await self._connection.fetchval(_SOURCE))

    async def begin(self, source_name: str) -> None:
        """Remember that a copy of this source was begun, and remove sites without anything."""
        async with self._connection.transaction():
            await self._connection.execute(_BEGINNING)
            await self._connection.execute(_NAMING, source_name)

    async def last_key(self, table: Table) -> Row | None:
        """The last key that the table has."""
        falling = ", ".join([f"{part} DESC" for part in _bytes_of_key(table)])
        key = ", ".join(table.key)
        sql = f"SELECT {key} FROM {table.name} ORDER BY {falling} LIMIT 1"
        row = await self._connection.fetchrow(sql)
        return None if row is None else tuple(row)

    def storable(self, table: Table, rows: list[Row]) -> list[Row]:
        """The rows with texts as this store's statements send them."""
        texts = [at for at, name in enumerate(table.columns) if name in table.text_columns]
        return [
            tuple(map(sendable, row)) if any("\0" in (row[at] or "") for at in texts) else row
            for row in rows
        ]

    async def write(self, table: Table, rows: list[Row]) -> None:
        """Insert rows, with numbers for contacts, and words for their documents."""
        columns = table.columns
        if table.name == "contacts":
            columns = (*columns, "number")
            rows = [(*row, number_of(RowId.of_bytes(table.key_of(row)[1]))) for row in rows]
        async with self._connection.transaction():
            await self._connection.copy_records_to_table(table.name, records=rows, columns=columns)
            if table.name == "contact_documents":
                words = map(self._words.values, word_rows("postgres", rows))
                await self._connection.executemany(self._words.sql, words)

    async def finish(self) -> None:
        """Leave a store like any other, of which the planner knows what is in it."""
        await self._connection.execute("DROP TABLE unfinished_copy")
        await self._connection.execute("ANALYZE")


@asynccontextmanager
async def postgres_source(
    url: str, connection: asyncpg.Connection
) -> AsyncIterator[PostgresSource]:
    """A database to copy. Raises NotFound, StoreDamaged, FailedPrecondition, Unavailable."""
    with _told(url):
        await _prepare(connection)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            number = await schema_number(connection)
            if not number:
                raise NotFound(f"there is no store {shown_url(url)}")
            if await is_unfinished(connection):
                raise StoreDamaged(UNFINISHED)
            check_version(shown_url(url), number)
            yield PostgresSource(url, connection)


@asynccontextmanager
async def postgres_target(
    url: str, connection: asyncpg.Connection
) -> AsyncIterator[PostgresTarget]:
    """A database to fill, which gets its tables. Raises StoreDamaged, Unavailable."""
    with _told(url):
        await _prepare(connection)
        try:
            await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        except asyncpg.LockNotAvailableError as error:
            raise Unavailable("another copy into this store is running: wait for it") from error
        if not await is_unfinished(connection):
            await migrate(connection)
        check_version(shown_url(url), await schema_number(connection))
        yield PostgresTarget(url, connection)


def database_name(url: str) -> str:
    """The database's URL without who uses it, and how."""
    return shown_url(url).partition("?")[0]


async def _prepare(connection: asyncpg.Connection) -> None:
    """Take and give ids and booleans as SQLite does, and have all the time it takes."""
    await connection.execute(_PATIENT)
    await _set_codec(connection, "uuid", bytes, bytes)
    await _set_codec(connection, "bool", _one_byte, _first_byte)


async def _set_codec(connection: asyncpg.Connection, kind: str, encoder: Any, decoder: Any) -> None:
    await connection.set_type_codec(
        kind, schema="pg_catalog", format="binary", encoder=encoder, decoder=decoder
    )


def _one_byte(value: int) -> bytes:
    return bytes([value])


def _first_byte(value: bytes) -> int:
    return value[0]


def _bytes_of_key(table: Table) -> Iterator[str]:
    for name in table.key:
        yield f'{name} COLLATE "C"' if name in table.text_columns else name


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Errors as those above the store know them."""
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as error:
        raise FailedPrecondition(
            f"{database_name(url)} is not what its source is: {WRITTEN_TO}"
        ) from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError) as error:
        told = translated(error)
        raise told from told.__cause__
