"""What a store is to the floors above: transactions that run named queries."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from contactory.kit.ids import RowId
from contactory.store.queries import Dialect

Result = TypeVar("Result")
Row = tuple[Any, ...]
Statement = tuple[str, Mapping[str, Any]]
"""A named query and its parameters."""

UNFINISHED: Final = "a copy into this store is not finished: run `contactory copy` again"
"""Why a store is not opened that has the table `unfinished_copy`."""


class Transaction(Protocol):
    """Runs named queries; parameters go by name. Ids are RowId, times milliseconds."""

    @property
    def dialect(self) -> Dialect:
        """Whose SQL it speaks, for statements that are put together from fragments."""

    async def rows(self, query: str, **parameters: Any) -> list[Row]:
        """All rows of the answer."""

    async def row(self, query: str, **parameters: Any) -> Row | None:
        """The first row of the answer, or None."""

    async def select(self, sql: str, parameters: Mapping[str, Any]) -> list[Row]:
        """All rows of a statement that was put together from fragments; parameters go by name."""

    async def rows_of(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """The answers of named queries that only read, at one go."""

    async def look_ahead(self, statements: Iterable[Statement]) -> None:
        """Have the answers of named queries at hand, all at one go: they will be asked for.

        They are forgotten with the first write. Where nothing is won by it, nothing is asked.
        """

    @property
    def asks_while_writing(self) -> bool:
        """Whether `run_guarded` takes questions, because each statement is a round trip."""

    def unspelled(self, site: RowId, words: Iterable[str]) -> list[str]:
        """Those of the words that are not known to be spelled out in the store."""

    def note_spelled(self, site: RowId, words: Iterable[str]) -> None:
        """Say that these words are spelled out, once this transaction is committed."""

    async def run(self, query: str, **parameters: Any) -> int:
        """How many rows the statement changed."""

    async def run_all(self, statements: Sequence[Statement]) -> int:
        """How many rows the statements changed in all, run in their order and at one go."""

    def at_end(self, statements: Iterable[Statement]) -> None:
        """Change rows that many contacts share, once the work is done (`shared_rows`).

        Changes of one row are added up. Who reads the rows before sees them as they were.
        """

    async def run_guarded(
        self,
        guarded: Sequence[Statement],
        others: Sequence[Statement],
        *,
        ends: bool = False,
        unless: Sequence[Statement] = (),
    ) -> bool:
        """Run inserts that must all take place, the first one before the rest, and then others.

        False where one took no place: then the work must fail, for others may have run or not.
        `ends` says that nothing is written after them, so that they may be committed at once.

        A transaction that asks while it writes takes `unless`: queries of which none may have an
        answer. Where one has, or an insert takes no place, nothing has run and nothing is
        committed: the work may go on.
        """


class Store(Protocol):
    """One database. A write is answered after its commit; a failed one leaves nothing behind."""

    async def write(self, work: Callable[[Transaction], Awaitable[Result]]) -> Result:
        """Run the work in one transaction and commit. The work waits for nothing but queries.

        Raises what the work raises, and Unavailable when the store cannot write.
        """

    async def read(self, work: Callable[[Transaction], Awaitable[Result]]) -> Result:
        """Run the work on one snapshot of the data. It is for look-ups of a few rows.

        A store to which each query is a round trip may answer the first one from an older snapshot.
        """

    def watched(self) -> AbstractContextManager[asyncio.Event]:
        """An alarm that is set when events may have been committed, here or by another process.

        It is a hint: whoever hears nothing looks from time to time.
        """

    async def backup(self, target: Path) -> int:
        """Copy the whole store into a new file of SQLite while it runs; returns the bytes written.

        Raises AlreadyExists when the file is there.
        """

    async def check(self) -> list[str]:
        """Damage found in files, keys and references: a sentence each, none when all is well."""

    async def close(self) -> None:
        """Finish what was accepted, then let go of the database."""
