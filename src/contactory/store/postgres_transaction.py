"""Named queries on one connection of PostgreSQL, in a transaction that begins when it must."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import asyncpg

from contactory.kit.ids import RowId
from contactory.store.engine import Row, Statement
from contactory.store.postgres_statements import Rows, Statements
from contactory.store.queries import Dialect, Query, positional
from contactory.store.shared_rows import SharedRows
from contactory.store.spelled_words import SpelledWords

_NUL: Final = "\0"
_NOBODYS: Final = "\ufdd0"
"""No text that is stored has either: whoever looks for the one finds nothing."""

_READING: Final = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL plan_cache_mode = force_custom_plan"
)
"""A list is planned for the values it is asked for: some are everybody's, others nobody's."""

_WRITING: Final = "BEGIN ISOLATION LEVEL READ COMMITTED"


class PostgresTransaction:
    """Runs named queries. Each is a round trip, so what needs no transaction does without.

    A read alone is a snapshot by itself, and from the second on all see one. In a write, READ
    COMMITTED gives each statement a snapshot of its own anyway: it begins with the first lock.
    A write of one statement commits itself; when it is told that this one was committed already,
    it runs the rest again for the result alone.
    """

    dialect: Dialect = "postgres"

    def __init__(
        self,
        connection: asyncpg.Connection,
        queries: dict[str, Query],
        statements: Statements,
        spelled: SpelledWords,
        *,
        is_write: bool,
        joins: bool = True,
        was_committed: bool = False,
    ) -> None:
        self._connection = connection
        self._queries = queries
        self._statements = statements
        self._spelled = spelled
        self._is_write = is_write
        self._joins = joins
        self._was_committed = was_committed
        self._was_read = False
        self._shared = SharedRows()
        self._ahead: dict[tuple[str, tuple[Any, ...]], list[Row]] = {}
        self.is_begun = False
        self.commits_itself = False
        self.events: list[Mapping[str, Any]] = []
        """The events that were written, by which it is known later whether they were committed."""
        self.newly_spelled: list[tuple[RowId, str]] = []
        """Words that are spelled out once this is committed."""

    @property
    def asks_while_writing(self) -> bool:
        """Whether `run_guarded` takes questions: before anything was locked, and not again."""
        return self._joins and not self.is_begun and not self._was_committed

    async def rows(self, query: str, **parameters: Any) -> list[Row]:
        """All rows of the answer."""
        return (await self.rows_of([(query, parameters)]))[0]

    async def row(self, query: str, **parameters: Any) -> Row | None:
        """The first row of the answer, or None."""
        rows = await self.rows(query, **parameters)
        return rows[0] if rows else None

    async def select(self, sql: str, parameters: Mapping[str, Any]) -> list[Row]:
        """All rows of a statement that was put together from fragments."""
        query = _numbered(sql)
        if not self._is_write:
            await self._begin(_READING)
        return await self._fetch(query.sql, query.values(parameters), locks=False)

    async def rows_of(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """The answers of statements that only read, at one go."""
        keys = [self._key(statement) for statement in statements]
        unknown = [at for at, key in enumerate(keys) if key not in self._ahead]
        found = await self._answers([statements[at] for at in unknown])
        answers = dict(zip(unknown, found, strict=True))
        return [answers[at] if at in answers else self._ahead[key] for at, key in enumerate(keys)]

    async def look_ahead(self, statements: Iterable[Statement]) -> None:
        """Have the answers of named queries at hand, all at one go: they will be asked for."""
        if not self._joins:
            return
        asked = list(statements)
        answers = await self._answers(asked)
        self._ahead.update(zip(map(self._key, asked), answers, strict=True))

    def unspelled(self, site: RowId, words: Iterable[str]) -> list[str]:
        """Those of the words that are not known to be spelled out in the store."""
        return self._spelled.unknown(site, words)

    def note_spelled(self, site: RowId, words: Iterable[str]) -> None:
        """Say that these words are spelled out, once this transaction is committed."""
        self.newly_spelled += [(site, word) for word in words]

    async def run(self, query: str, **parameters: Any) -> int:
        """How many rows the statement changed."""
        await self._begin_writing([(query, parameters)])
        found = self._queries[query]
        return await self._changed(found.sql, found.values(parameters))

    async def run_all(self, statements: Sequence[Statement]) -> int:
        """How many rows the statements changed in all, run in their order."""
        await self._begin_writing(statements)
        changed = 0
        for group in self._statements.grouped(statements):
            if len(group.rows) > 1 and self._statements.is_insert(group.name):
                joined = self._statements.insert_of_rows(group)
                changed += await self._changed(joined.sql, joined.values)
            else:
                sql = self._queries[group.name].sql
                changed += sum([await self._changed(sql, row) for row in group.rows])
        return changed

    def at_end(self, statements: Iterable[Statement]) -> None:
        """Change rows that many contacts share, once the work is done."""
        self._shared.add(statements)

    async def end(self) -> None:
        """Write what waits for the end of the work."""
        statements = self._shared.take()
        if not statements:
            return
        await self._begin_writing(statements)
        groups = self._statements.grouped(statements)
        inserts = [group for group in groups if self._statements.is_insert(group.name)]
        if self._joins and inserts:
            await self._inserted(inserts)
            groups = groups[len(inserts) :]
        for group in groups:
            await self._run_each(group)

    async def run_guarded(
        self,
        guarded: Sequence[Statement],
        others: Sequence[Statement],
        *,
        ends: bool = False,
        unless: Sequence[Statement] = (),
    ) -> bool:
        """Run inserts that must all take place, then others; False where one did not.

        Where it is False, the transaction must not be committed; with `unless`, nothing has run.
        """
        first, then = self._statements.grouped(guarded), self._statements.grouped(others)
        if self._joins and _are_of_different_names([*first, *then]):
            if ends and not self.is_begun:
                self._note(others)
                return await self._run_alone(first, then, unless)
            await self._begin_writing([*guarded, *others])
            counts = await self._inserted([*first, *then])
            return sum(counts[: len(first)]) == len(guarded)
        if unless:
            raise ValueError("only what is one statement can ask while it writes")
        # The first by itself: where it takes no place, the others would refer to nothing.
        if (
            not await self.run_all(guarded[:1])
            or await self.run_all(guarded[1:]) < len(guarded) - 1
        ):
            return False
        await self.run_all(others)
        return True

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

    async def _run_alone(
        self, guarded: Sequence[Rows], others: Sequence[Rows], unless: Sequence[Statement]
    ) -> bool:
        """Run a statement that is a transaction of its own and undone unless all took place."""
        if self._was_committed:
            return True
        await self._learn_types([*guarded, *others])
        joined = self._statements.guarded_inserts(guarded, others, unless)
        self._ahead.clear()
        self.commits_itself = True
        try:
            took_place = bool(await self._connection.fetchval(joined.sql, *joined.values))
        except asyncpg.DivisionByZeroError:
            took_place = False
        if not took_place:
            self.commits_itself = False
            self.events.clear()
        return took_place

    async def _answers(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """The answers, as they are now."""
        locks = any(self._queries[name].locks for name, _ in statements)
        if len(statements) < 2 or not self._joins:
            asked = [(self._queries[name], parameters) for name, parameters in statements]
            return [
                await self._fetch(one.sql, one.values(given), locks=locks) for one, given in asked
            ]
        joined = self._statements.selects(statements)
        answers: list[list[Row]] = [[] for _ in statements]
        for at, row in await self._fetch(joined.sql, joined.values, locks=locks):
            answers[at].append(tuple(row))
        return answers

    def _key(self, statement: Statement) -> tuple[str, tuple[Any, ...]]:
        name, parameters = statement
        return name, self._queries[name].values(parameters)

    async def _fetch(self, sql: str, values: Sequence[Any], *, locks: bool) -> list[Row]:
        if locks:
            await self._begin(_WRITING)
        elif not self._is_write and self._was_read:
            await self._begin(_READING)
        self._was_read = True
        return [tuple(row) for row in await self._connection.fetch(sql, *map(sendable, values))]

    async def _begin_writing(self, statements: Sequence[Statement]) -> None:
        self._ahead.clear()
        self._note(statements)
        await self._begin(_WRITING)

    async def _begin(self, statement: str) -> None:
        if not self.is_begun:
            self.is_begun = True  # Whoever is cancelled now may have begun it.
            await self._connection.execute(statement)

    async def _changed(self, sql: str, values: Sequence[Any]) -> int:
        status: str = await self._connection.execute(sql, *map(sendable, values))
        return int(status.rpartition(" ")[2])

    async def _inserted(self, groups: Sequence[Rows]) -> list[int]:
        await self._learn_types(groups)
        joined = self._statements.inserts(groups)
        row = await self._connection.fetchrow(joined.sql, *joined.values)
        return list(row) if row else []

    async def _learn_types(self, groups: Sequence[Rows]) -> None:
        for name in [group.name for group in groups]:
            if name not in self._statements.types:
                prepared = await self._connection.prepare(self._queries[name].sql)
                kinds = tuple(kind.name for kind in prepared.get_parameters())
                self._statements.types[name] = kinds

    async def _run_each(self, group: Rows) -> None:
        """Run a statement with the values of each row, all sent at one go."""
        sql = self._queries[group.name].sql
        await self._connection.executemany(sql, [[*map(sendable, row)] for row in group.rows])

    def _note(self, statements: Sequence[Statement]) -> None:
        self.events += [parameters for name, parameters in statements if name == "insert_event"]


def _are_of_different_names(groups: Sequence[Rows]) -> bool:
    return len({group.name for group in groups}) == len(groups)


def sendable(value: Any) -> Any:
    """The value without NUL, which PostgreSQL takes in no text; contacts have none anyway."""
    return value.replace(_NUL, _NOBODYS) if isinstance(value, str) and _NUL in value else value


@lru_cache(maxsize=1024)
def _numbered(sql: str) -> Query:
    return positional(sql, "postgres")
