"""Statements for PostgreSQL that do the work of several: each costs a round trip.

Inserts of one name become one insert of arrays; inserts into several tables, or several selects,
become one statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import msgspec

from contactory.store.engine import Statement
from contactory.store.queries import Query

_INSERT: Final = re.compile(r"(INSERT INTO .+?\)) VALUES \((.+?)\)( ON CONFLICT .+)?")
_SHARED: Final = frozenset({"site_id", "contact_id", "first_key", "last_key"})
"""Parameters that all rows of one contact have in common: arrays of them would cost more."""

_ONCE: Final = frozenset(
    {"insert_contact", "insert_document", "insert_search_words", "insert_event"}
)
"""Queries that insert one row of a contact, mostly: that one goes without arrays."""

_PARAMETER: Final = re.compile(r"\$(\d+)")
_UNANSWERED: Final = "unanswered"
"""The part of a statement that has a row where questions have no answer."""


_Shape = tuple[str, bool]


class Rows(msgspec.Struct, frozen=True):
    """The rows that statements of one name write."""

    name: str
    rows: list[tuple[Any, ...]]

    @property
    def shape(self) -> _Shape:
        """The name, and whether it is one row without arrays."""
        return self.name, len(self.rows) == 1 and self.name in _ONCE


class Joined(msgspec.Struct, frozen=True):
    """A statement and the values of its parameters."""

    sql: str
    values: list[Any]


class Statements:
    """Joins named queries; `types` has the names of the types of each query's parameters."""

    def __init__(self, queries: dict[str, Query]) -> None:
        self._queries = queries
        self.types: dict[str, tuple[str, ...]] = {}
        self._written = lru_cache(maxsize=1024)(self._join_inserts)
        self._spelled_out = lru_cache(maxsize=1024)(self._spell_out)
        self._selected = lru_cache(maxsize=1024)(self._join_selects)

    def grouped(self, statements: Sequence[Statement]) -> list[Rows]:
        """Runs of statements of one name."""
        return [
            Rows(name, [self._queries[name].values(parameters) for _, parameters in run])
            for name, run in groupby(statements, key=itemgetter(0))
        ]

    def is_insert(self, name: str) -> bool:
        """Whether the query inserts one row, so that it can insert many."""
        return _INSERT.fullmatch(self._queries[name].sql) is not None

    def inserts(self, groups: Sequence[Rows]) -> Joined:
        """One statement that inserts all rows and answers how many went in, group by group."""
        sql = self._written(tuple([group.shape for group in groups]))
        return Joined(sql, self._values(groups))

    def insert_of_rows(self, group: Rows) -> Joined:
        """One statement of all rows of a group, each spelled out."""
        sql = self._spelled_out(group.name, len(group.rows))
        return Joined(sql, [value for row in group.rows for value in row])

    def guarded_inserts(
        self, guarded: Sequence[Rows], others: Sequence[Rows], unless: Sequence[Statement] = ()
    ) -> Joined:
        """One that inserts nothing, and divides by zero, unless all guarded rows go in.

        It answers 1, or 0 where a query of `unless` has an answer: then it inserts nothing either.
        """
        # PostgreSQL runs what no other part asks for from the last to the first.
        groups = [*guarded, *reversed(others)]
        shapes = tuple([group.shape for group in groups])
        sql = self._written(shapes, len(guarded), tuple([name for name, _ in unless]))
        asked = [value for statement in unless for value in self._values_of(statement)]
        rows = sum(len(group.rows) for group in guarded)
        return Joined(sql, [*self._values(groups), rows, *asked])

    def selects(self, statements: Sequence[Statement]) -> Joined:
        """One statement that answers all rows of all, each behind its statement's number."""
        sql = self._selected(tuple([name for name, _ in statements]))
        values = [value for statement in statements for value in self._values_of(statement)]
        return Joined(sql, values)

    def _values_of(self, statement: Statement) -> tuple[Any, ...]:
        name, parameters = statement
        return self._queries[name].values(parameters)

    def _values(self, groups: Sequence[Rows]) -> list[Any]:
        values: list[Any] = []
        for group in groups:
            if group.shape[1]:
                values += group.rows[0]
                continue
            columns = zip(*group.rows, strict=True)
            for name, column in zip(self._queries[group.name].names, columns, strict=True):
                values.append(_only(column) if name in _SHARED else column)
        return values

    def _join_inserts(
        self, shapes: tuple[_Shape, ...], guarded: int = 0, unless: tuple[str, ...] = ()
    ) -> str:
        parts = [
            f"s{at} AS ({insert} RETURNING 1)"
            for at, insert in enumerate(self._shifted_inserts(shapes, is_asked=bool(unless)))
        ]
        counts = [f"(SELECT count(*) FROM s{at})" for at in range(len(shapes))]
        answer = ", ".join(counts)
        if guarded:
            number = sum(len(self.types[name]) for name, _ in shapes) + 1
            answer = f"1 / ({' + '.join(counts[:guarded])} = ${number})::integer"
            if unless:
                parts.insert(0, f"{_UNANSWERED} AS ({self._unanswered(unless, number)})")
                answer = f"CASE WHEN EXISTS (SELECT FROM {_UNANSWERED}) THEN {answer} ELSE 0 END"
        return f"WITH {', '.join(parts)} SELECT {answer}"

    def _unanswered(self, names: Sequence[str], first: int) -> str:
        """One row where none of the queries has an answer; their parameters follow the `first`."""
        tests = []
        for name in names:
            tests.append(f"NOT EXISTS ({_shifted(self._queries[name].sql, first)})")
            first += len(self._queries[name].names)
        return f"SELECT 1 WHERE {' AND '.join(tests)}"

    def _spell_out(self, name: str, rows: int) -> str:
        found, size = self._parts(name), len(self._queries[name].names)
        values = ", ".join(f"({_shifted(found[2], at * size)})" for at in range(rows))
        return f"{found[1]} VALUES {values}{found[3] or ''}"

    def _shifted_inserts(self, shapes: Sequence[_Shape], *, is_asked: bool) -> Iterator[str]:
        first = 0
        for name, is_one in shapes:
            if not is_one:
                yield self._insert_of_arrays(name, first, is_asked=is_asked)
            elif is_asked:
                yield self._asked_insert(name, first)
            else:
                yield _shifted(self._queries[name].sql, first)
            first += len(self.types[name])

    def _asked_insert(self, name: str, first: int) -> str:
        """An insert of one row, where the questions had no answer."""
        found = self._parts(name)
        kinds = self.types[name]
        values = _PARAMETER.sub(
            lambda at: f"${int(at[1]) + first}::{kinds[int(at[1]) - 1]}", found[2]
        )
        return f"{found[1]} SELECT {values} FROM {_UNANSWERED}{found[3] or ''}"

    def _parts(self, name: str) -> re.Match[str]:
        found = _INSERT.fullmatch(self._queries[name].sql)
        if found is None:
            raise ValueError(f"{name} does not insert one row")
        return found

    def _insert_of_arrays(self, name: str, first: int, *, is_asked: bool) -> str:
        query, found = self._queries[name], self._parts(name)
        arrays, columns, places = [], [], {}
        for at, (parameter, kind) in enumerate(zip(query.names, self.types[name], strict=True), 1):
            if parameter in _SHARED:
                places[str(at)] = f"${first + at}::{kind}"
            else:
                arrays.append(f"${first + at}::{kind}[]")
                columns.append(f"p{at}")
                places[str(at)] = f"u.p{at}"
        values = _PARAMETER.sub(lambda parameter: places[parameter[1]], found[2])
        rows = f"FROM unnest({', '.join(arrays)}) u({', '.join(columns)})"
        if is_asked:
            rows += f", {_UNANSWERED}"
        return f"{found[1]} SELECT {values} {rows}{found[3] or ''}"

    def _join_selects(self, names: tuple[str, ...]) -> str:
        first = 0
        parts = []
        for at, name in enumerate(names):
            query = self._queries[name]
            parts.append(f"SELECT {at}, ROW(q.*) FROM ({_shifted(query.sql, first)}) q")
            first += len(query.names)
        return " UNION ALL ".join(parts)


def _only(column: Sequence[Any]) -> Any:
    if column.count(column[0]) < len(column):
        raise ValueError("rows of several contacts cannot be inserted at one go")
    return column[0]


def _shifted(sql: str, first: int) -> str:
    return _PARAMETER.sub(lambda found: f"${int(found[1]) + first}", sql)
