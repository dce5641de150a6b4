"""Loads the named SQL: portable files, of which a dialect's own file may replace single queries."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from operator import itemgetter
from typing import Any, Final, Literal

import msgspec

Dialect = Literal["sqlite", "postgres"]

_NAMED: Final = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)
_COMMENT: Final = re.compile(r"^\s*--.*\n?", re.MULTILINE)
_PARAMETER: Final = re.compile(r"(?<![:\w]):([a-z_0-9]+)")
_LOCKS: Final = re.compile(r" FOR (?:NO KEY UPDATE|UPDATE|KEY SHARE)$")
_FOR_DIALECT: Final = re.compile(r"/\* (sqlite|postgres): (.*?) \*/", re.DOTALL)


class Query(msgspec.Struct, frozen=True):
    """One statement with positional parameters, and what puts named values in their order."""

    sql: str
    names: tuple[str, ...]
    values: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    locks: bool = False
    """Whether it selects rows and locks them."""


class Migration(msgspec.Struct, frozen=True):
    """One step of the schema: its number, name and statements."""

    number: int
    name: str
    statements: tuple[str, ...]


def load(dialect: Dialect) -> dict[str, Query]:
    """All named queries as the dialect wants them; one that is empty there is not among them.

    Raises ValueError when a name occurs twice, or a dialect's file adds a query.
    """
    texts = _texts(files("contactory.store") / "sql", dialect)
    return {name: positional(text, dialect) for name, text in texts.items() if text}


def load_fragments(dialect: Dialect) -> dict[str, str]:
    """The pieces from which statements are put together, with named parameters.

    Raises ValueError as `load` does.
    """
    return _texts(files("contactory.store") / "sql" / "fragments", dialect)


def migrations(dialect: Dialect) -> list[Migration]:
    """All migrations in order."""
    root = files("contactory.store") / "migrations"
    found = []
    for file in root.iterdir():
        if not file.name.endswith(".sql"):
            continue
        number, name = file.name.removesuffix(".sql").split("_", 1)
        text = _of_dialect(file.read_text("utf-8"), dialect)
        statements = [part.strip() for part in _COMMENT.sub("", text).split(";\n")]
        found.append(Migration(int(number), name, tuple(part for part in statements if part)))
    return sorted(found, key=lambda migration: migration.number)


def fingerprint(steps: Sequence[Migration]) -> int:
    """A positive 32-bit number that tells whether a store's tables were made by these steps."""
    text = ";".join(" ".join(part.split()) for step in steps for part in step.statements)
    return zlib.crc32(text.encode()) & 0x7FFFFFFF


def positional(sql: str, dialect: Dialect) -> Query:
    """The statement with the dialect's numbered parameters for its named ones."""
    names: list[str] = []
    sign = "?" if dialect == "sqlite" else "$"

    def number(found: re.Match[str]) -> str:
        if found[1] not in names:
            names.append(found[1])
        return f"{sign}{names.index(found[1]) + 1}"

    numbered = _PARAMETER.sub(number, sql)
    return Query(numbered, tuple(names), _in_order(names), _LOCKS.search(numbered) is not None)


def without_locks(query: Query) -> Query:
    """The query as those run it that write nothing."""
    return Query(_LOCKS.sub("", query.sql), query.names, query.values)


def _texts(root: Traversable, dialect: Dialect) -> dict[str, str]:
    texts: dict[str, str] = {}
    for file in sorted(root.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".sql"):
            for name, text in _parse(file.read_text("utf-8"), dialect).items():
                if name in texts:
                    raise ValueError(f"query {name} is defined twice")
                texts[name] = text
    own = root / dialect
    if own.is_dir():
        for file in own.iterdir():
            replaced = _parse(file.read_text("utf-8"), dialect)
            if added := replaced.keys() - texts.keys():
                raise ValueError(f"{dialect}/{file.name} adds queries: {', '.join(added)}")
            texts |= replaced
    return texts


def _parse(text: str, dialect: Dialect) -> dict[str, str]:
    parts = _NAMED.split(_of_dialect(text, dialect))[1:]
    return {
        name: " ".join(_COMMENT.sub("", body).split()).removesuffix(";").rstrip()
        for name, body in zip(parts[::2], parts[1::2], strict=True)
    }


def _of_dialect(text: str, dialect: Dialect) -> str:
    """The text with what is marked for this dialect, and without what is marked for the other."""
    return _FOR_DIALECT.sub(lambda mark: mark[2] if mark[1] == dialect else "", text)


def _in_order(names: Sequence[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda parameters: tuple(parameters[name] for name in names)
