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
_PARAMETER: Final = re.compile(r"\$(\d+)")


class Rows(msgspec.Struct, frozen=True):
    """The rows that statements of one name write."""

    name: str
    rows: list[tuple[Any, ...]]


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
        sql = self._written(tuple([group.name for group in groups]))
        values = [list(column) for group in groups for column in zip(*group.rows, strict=True)]
        return Joined(sql, values)

    def selects(self, statements: Sequence[Statement]) -> Joined:
        """One statement that answers all rows of all, each behind its statement's number."""
        sql = self._selected(tuple([name for name, _ in statements]))
        values = [
            value
            for name, parameters in statements
            for value in self._queries[name].values(parameters)
        ]
        return Joined(sql, values)

    def _join_inserts(self, names: tuple[str, ...]) -> str:
        parts = [
            f"s{at} AS ({insert} RETURNING 1)"
            for at, insert in enumerate(self._shifted_inserts(names))
        ]
        counts = ", ".join(f"(SELECT count(*) FROM s{at})" for at in range(len(names)))
        return f"WITH {', '.join(parts)} SELECT {counts}"

    def _shifted_inserts(self, names: Sequence[str]) -> Iterator[str]:
        first = 0
        for name in names:
            yield self._insert_of_arrays(name, first)
            first += len(self.types[name])

    def _insert_of_arrays(self, name: str, first: int) -> str:
        found = _INSERT.fullmatch(self._queries[name].sql)
        if found is None:
            raise ValueError(f"{name} does not insert one row")
        types = self.types[name]
        arrays = ", ".join(f"${first + at}::{kind}[]" for at, kind in enumerate(types, start=1))
        columns = ", ".join(f"p{at}" for at in range(1, len(types) + 1))
        values = _PARAMETER.sub(r"u.p\1", found[2])
        return f"{found[1]} SELECT {values} FROM unnest({arrays}) u({columns}){found[3] or ''}"

    def _join_selects(self, names: tuple[str, ...]) -> str:
        first = 0
        parts = []
        for at, name in enumerate(names):
            query = self._queries[name]
            parts.append(f"SELECT {at}, ROW(q.*) FROM ({_shifted(query.sql, first)}) q")
            first += len(query.names)
        return " UNION ALL ".join(parts)


def _shifted(sql: str, first: int) -> str:
    return _PARAMETER.sub(lambda found: f"${int(found[1]) + first}", sql)
