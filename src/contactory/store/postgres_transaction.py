"""Named queries on one connection of PostgreSQL, in a transaction that begins when it must."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import asyncpg

from contactory.store.engine import Row, Statement
from contactory.store.postgres_statements import Joined, Rows, Statements
from contactory.store.queries import Dialect, Query, positional

_NUL: Final = "\0"
_NOBODYS: Final = "\ufdd0"
"""PostgreSQL takes no NUL in a text. No text that is stored has one, nor this noncharacter."""

_READING: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITING: Final = "BEGIN ISOLATION LEVEL READ COMMITTED"


class PostgresTransaction:
    """Runs named queries. Each is a round trip, so what needs no transaction does without.

    A read alone is a snapshot by itself, and from the second on all see one. In a write, READ
    COMMITTED gives each statement a snapshot of its own anyway: it begins with the first lock.
    """

    dialect: Dialect = "postgres"

    def __init__(
        self,
        connection: asyncpg.Connection,
        queries: dict[str, Query],
        statements: Statements,
        *,
        is_write: bool,
        joins: bool = True,
    ) -> None:
        self._connection = connection
        self._queries = queries
        self._statements = statements
        self._is_write = is_write
        self._joins = joins
        self._was_read = False
        self.is_begun = False
        self.events: list[Mapping[str, Any]] = []
        """The events that were written, by which it is known later whether they were committed."""

    async def rows(self, query: str, **parameters: Any) -> list[Row]:
        """All rows of the answer."""
        found = self._queries[query]
        return await self._fetch(found.sql, found.values(parameters), locks=found.locks)

    async def row(self, query: str, **parameters: Any) -> Row | None:
        """The first row of the answer, or None."""
        rows = await self.rows(query, **parameters)
        return rows[0] if rows else None

    async def select(self, sql: str, parameters: Mapping[str, Any]) -> list[Row]:
        """All rows of a statement that was put together from fragments."""
        query = _numbered(sql)
        return await self._fetch(query.sql, query.values(parameters), locks=False)

    async def rows_of(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """The answers of statements that only read, at one go."""
        if len(statements) < 2:
            return [await self.rows(name, **parameters) for name, parameters in statements]
        joined = self._statements.selects(statements)
        locks = any(self._queries[name].locks for name, _ in statements)
        answers: list[list[Row]] = [[] for _ in statements]
        for at, row in await self._fetch(joined.sql, joined.values, locks=locks):
            answers[at].append(tuple(row))
        return answers

    async def run(self, query: str, **parameters: Any) -> int:
        """How many rows the statement changed."""
        self._note(query, parameters)
        await self._begin(_WRITING)
        found = self._queries[query]
        return await self._changed(found.sql, found.values(parameters))

    async def run_all(self, statements: Sequence[Statement]) -> int:
        """How many rows the statements changed in all, run in their order."""
        for name, parameters in statements:
            self._note(name, parameters)
        await self._begin(_WRITING)
        changed = 0
        for group in self._statements.grouped(statements):
            if len(group.rows) > 1 and self._statements.is_insert(group.name):
                changed += sum(await self._inserted([group]))
            else:
                sql = self._queries[group.name].sql
                changed += sum([await self._changed(sql, row) for row in group.rows])
        return changed

    async def run_guarded(self, guarded: Sequence[Statement], others: Sequence[Statement]) -> bool:
        """Run inserts that must all take place, then others; False where one did not.

        Where it is False, the transaction must not be committed.
        """
        groups = self._statements.grouped([*guarded, *others])
        if not (self._joins and _are_of_different_names(groups)):
            if await self.run_all(guarded) < len(guarded):
                return False
            await self.run_all(others)
            return True
        for name, parameters in others:
            self._note(name, parameters)
        await self._begin(_WRITING)
        counts = await self._inserted(groups)
        until = len(self._statements.grouped(guarded))
        return sum(counts[:until]) == len(guarded)

    async def commit(self) -> None:
        """End the transaction, if it began."""
        if self.is_begun:
            await self._connection.execute("COMMIT")
            self.is_begun = False

    async def roll_back(self) -> None:
        """Undo what the transaction did."""
        if self.is_begun and not self._connection.is_closed():
            await self._connection.execute("ROLLBACK")
            self.is_begun = False

    async def _fetch(self, sql: str, values: Sequence[Any], *, locks: bool) -> list[Row]:
        if locks:
            await self._begin(_WRITING)
        elif not self._is_write and self._was_read:
            await self._begin(_READING)
        self._was_read = True
        return [tuple(row) for row in await self._connection.fetch(sql, *_sendable(values))]

    async def _begin(self, statement: str) -> None:
        if not self.is_begun:
            await self._connection.execute(statement)
            self.is_begun = True

    async def _changed(self, sql: str, values: Sequence[Any]) -> int:
        status: str = await self._connection.execute(sql, *_sendable(values))
        return int(status.rpartition(" ")[2])

    async def _inserted(self, groups: Sequence[Rows]) -> list[int]:
        for group in groups:
            await self._learn_types(group.name)
        joined: Joined = self._statements.inserts(groups)
        values = [_sendable(column) for column in joined.values]
        row = await self._connection.fetchrow(joined.sql, *values)
        return list(row) if row else []

    async def _learn_types(self, name: str) -> None:
        if name not in self._statements.types:
            prepared = await self._connection.prepare(self._queries[name].sql)
            kinds = tuple(kind.name for kind in prepared.get_parameters())
            self._statements.types[name] = kinds

    def _note(self, query: str, parameters: Mapping[str, Any]) -> None:
        if query == "insert_event":
            self.events.append(parameters)


def _are_of_different_names(groups: Sequence[Rows]) -> bool:
    return len({group.name for group in groups}) == len(groups)


def _sendable(values: Sequence[Any]) -> list[Any]:
    return [
        value.replace(_NUL, _NOBODYS) if isinstance(value, str) and _NUL in value else value
        for value in values
    ]


@lru_cache(maxsize=1024)
def _numbered(sql: str) -> Query:
    return positional(sql, "postgres")
