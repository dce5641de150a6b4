"""Copies all rows of one store into another, of either kind, and reads back what was written."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from hashlib import blake2b
from typing import Any, Final, Protocol

import msgspec

from contactory.domain.contacts import Contact
from contactory.domain.errors import AlreadyExists, FailedPrecondition, StoreDamaged
from contactory.domain.search_words import search_words
from contactory.kit.ids import RowId
from contactory.store.contact_rows import word_row
from contactory.store.engine import Row
from contactory.store.queries import Dialect, migrations

BATCH: Final = 5_000
"""How many rows are read at one go, and written in one transaction."""

WRITTEN_TO: Final = (
    "one of them was written to since the copy began. Make the target anew, and copy again while "
    "nobody writes"
)
"""Why a target cannot be made what its source is, and what to do."""

_SITES: Final = "sites"
_MODULUS: Final = 2**64


class Table(msgspec.Struct, frozen=True):
    """A table that is copied: its columns but for those that each store makes, and its key."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    text_columns: tuple[str, ...]

    def key_of(self, row: Row) -> Row:
        """The key of one of the rows."""
        return tuple([row[self.columns.index(name)] for name in self.key])


class Progress(msgspec.Struct, frozen=True):
    """How far a copy is: `done` of `total` rows were copied, or read back in the second half."""

    table: str
    done: int
    total: int
    is_reading_back: bool


OnProgress = Callable[[Progress], None]


class Source(Protocol):
    """A store that is read as it is at one moment. Ids are 16 bytes, booleans 0 and 1."""

    name: str

    async def count(self, table: Table) -> int:
        """How many rows the table has."""

    def batches(self, table: Table, *, is_sorted: bool) -> AsyncGenerator[list[Row], None]:
        """All rows of the table; sorted by the bytes of their keys where that is asked for."""


class Target(Source, Protocol):
    """A store that is written to. Each batch is kept once it is written."""

    async def source_name(self) -> str | None:
        """Of which source a copy was begun here and is not finished."""

    async def begin(self, source_name: str) -> None:
        """Remember that a copy of this source was begun, and remove sites without anything."""

    async def last_key(self, table: Table) -> Row | None:
        """The last key that the table has, sorted by bytes."""

    def storable(self, table: Table, rows: list[Row]) -> list[Row]:
        """The rows as this kind of store keeps them."""

    async def write(self, table: Table, rows: list[Row]) -> None:
        """Insert rows, with what each store makes of them: numbers, words to search for."""

    async def finish(self) -> None:
        """Leave a store like any other."""


class Tally(msgspec.Struct):
    """The number of rows, and a sum of their hashes, which is the same in any order."""

    rows: int = 0
    checksum: int = 0

    def add(self, rows: Sequence[Row]) -> None:
        """Count these rows too."""
        hashes = [blake2b(_encoded(row), digest_size=8).digest() for row in rows]
        self.rows += len(rows)
        self.checksum = (self.checksum + sum(map(int.from_bytes, hashes))) % _MODULUS


async def copy_rows(
    tables: Sequence[Table],
    source: Source,
    target: Target,
    on_progress: OnProgress | None = None,
) -> dict[str, int]:
    """Copy all rows, going on where a copy of this source broke off; how many each table has.

    Raises AlreadyExists for a target that holds anything else, FailedPrecondition where the target
    does not hold in the end what the source does.
    """
    await _begin(tables, source, target)
    meter = _Meter(on_progress, await _total(tables, source) if on_progress else 0)
    read = {table.name: await _copied(table, source, target, meter) for table in tables}
    meter.is_reading_back = True
    differing = [
        table.name for table in tables if await _read_back(table, target, meter) != read[table.name]
    ]
    if differing:
        raise FailedPrecondition(
            f"{target.name} has other rows in {', '.join(differing)} than {source.name}: "
            f"{WRITTEN_TO}"
        )
    await target.finish()
    return {name: tally.rows for name, tally in read.items()}


def check_version(name: str, number: int) -> None:
    """Raise FailedPrecondition for tables of an older version, StoreDamaged for newer ones."""
    newest = migrations("sqlite")[-1].number
    if number > newest:
        raise StoreDamaged(f"{name} is from a newer version (schema {number}): upgrade contactory")
    if number < newest:
        raise FailedPrecondition(
            f"{name} is from an older version (schema {number} of {newest}): open it with this one "
            "first, as `contactory check` does"
        )


def word_rows(dialect: Dialect, documents: Sequence[Row]) -> list[dict[str, Any]]:
    """The words of contacts as the index takes them, from rows of `contact_documents`."""
    return [
        word_row(
            dialect,
            RowId.of_bytes(site),
            RowId.of_bytes(owner),
            search_words(Contact.from_json(document)),
        )
        for site, owner, document in documents
    ]


class _Meter:
    """Tells how far a copy is."""

    def __init__(self, on_progress: OnProgress | None, total: int) -> None:
        self._on_progress = on_progress
        self._total = total
        self._done = 0
        self.is_reading_back = False

    def add(self, table: Table, rows: int) -> None:
        """Tell that so many more rows were copied or read back."""
        self._done += rows
        if self._on_progress is not None:
            done = self._done - (self._total if self.is_reading_back else 0)
            self._on_progress(Progress(table.name, done, self._total, self.is_reading_back))


async def _begin(tables: Sequence[Table], source: Source, target: Target) -> None:
    begun = await target.source_name()
    if begun == source.name:
        return
    if begun is not None:
        raise AlreadyExists(
            f"{target.name} holds an unfinished copy of {begun}: copy that one again, or make the "
            "target anew"
        )
    counts = {table.name: await target.count(table) for table in tables}
    held = [f"{count:,} {name}" for name, count in counts.items() if count]
    if any(count for name, count in counts.items() if name != _SITES):
        raise AlreadyExists(
            f"{target.name} is not empty, it holds {', '.join(held)}: choose a new one"
        )
    await target.begin(source.name)


async def _total(tables: Sequence[Table], source: Source) -> int:
    return sum([await source.count(table) for table in tables])


async def _copied(table: Table, source: Source, target: Target, meter: _Meter) -> Tally:
    """All rows of the source, of which those are written that the target does not have yet."""
    tally = Tally()
    last = await target.last_key(table)
    async with aclosing(source.batches(table, is_sorted=True)) as batches:
        async for batch in batches:
            rows = target.storable(table, batch)
            tally.add(rows)
            seen = 0 if last is None else bisect_right(rows, last, key=table.key_of)
            if seen < len(rows):
                await target.write(table, rows[seen:])
            meter.add(table, len(rows))
    return tally


async def _read_back(table: Table, target: Target, meter: _Meter) -> Tally:
    tally = Tally()
    async with aclosing(target.batches(table, is_sorted=False)) as batches:
        async for batch in batches:
            tally.add(batch)
            meter.add(table, len(batch))
    return tally


_encoded: Final = msgspec.msgpack.Encoder().encode
