"""Loads the named SQL: portable files, of which a dialect's own file may replace single queries."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from operator import itemgetter
from typing import Any, Final, Literal

import msgspec

Dialect = Literal["sqlite", "postgres"]

_NAMED: Final = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)
_COMMENT: Final = re.compile(r"^\s*--.*\n?", re.MULTILINE)
_PARAMETER: Final = re.compile(r"(?<![:\w]):([a-z_]+)")
_FOR_SQLITE: Final = re.compile(r"/\* sqlite: (.*?) \*/")


class Query(msgspec.Struct, frozen=True):
    """One statement with positional parameters, and what puts named values in their order."""

    sql: str
    names: tuple[str, ...]
    values: Callable[[Mapping[str, Any]], tuple[Any, ...]]


class Migration(msgspec.Struct, frozen=True):
    """One step of the schema: its number, name and statements."""

    number: int
    name: str
    statements: tuple[str, ...]


def load(dialect: Dialect) -> dict[str, Query]:
    """All named queries as the dialect wants them.

    Raises ValueError when a name occurs twice, or a dialect's file adds a query.
    """
    root = files("contactory.store") / "sql"
    queries: dict[str, Query] = {}
    for file in sorted(root.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".sql"):
            for name, query in _parse(file.read_text("utf-8"), dialect).items():
                if name in queries:
                    raise ValueError(f"query {name} is defined twice")
                queries[name] = query
    own = root / dialect
    if own.is_dir():
        for file in own.iterdir():
            replaced = _parse(file.read_text("utf-8"), dialect)
            if added := replaced.keys() - queries.keys():
                raise ValueError(f"{dialect}/{file.name} adds queries: {', '.join(added)}")
            queries |= replaced
    return queries


def migrations(dialect: Dialect) -> list[Migration]:
    """All migrations in order."""
    root = files("contactory.store") / "migrations"
    found = []
    for file in root.iterdir():
        if not file.name.endswith(".sql"):
            continue
        number, name = file.name.removesuffix(".sql").split("_", 1)
        text = file.read_text("utf-8")
        if dialect == "sqlite":
            text = _FOR_SQLITE.sub(r"\1", text)
        statements = [part.strip() for part in _COMMENT.sub("", text).split(";\n")]
        found.append(Migration(int(number), name, tuple(part for part in statements if part)))
    return sorted(found, key=lambda migration: migration.number)


def _parse(text: str, dialect: Dialect) -> dict[str, Query]:
    parts = _NAMED.split(text)[1:]
    queries = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        sql = " ".join(_COMMENT.sub("", body).split()).removesuffix(";")
        queries[name] = _positional(sql, dialect)
    return queries


def _positional(sql: str, dialect: Dialect) -> Query:
    names: list[str] = []
    sign = "?" if dialect == "sqlite" else "$"

    def number(found: re.Match[str]) -> str:
        if found[1] not in names:
            names.append(found[1])
        return f"{sign}{names.index(found[1]) + 1}"

    numbered = _PARAMETER.sub(number, sql)
    return Query(numbered, tuple(names), _in_order(names))


def _in_order(names: Sequence[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda parameters: tuple(parameters[name] for name in names)
