"""The tree that every filter is reduced to: pure data with two-valued logic (CONTRACT D.1).

A missing value satisfies no test, so that `Not` of a test holds for it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal, TypeAlias

import msgspec


class Kind(StrEnum):
    """What the values of a field are, and so how they compare."""

    TEXT = "TEXT"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    GUID = "GUID"
    INSTANT = "INSTANT"
    DAY = "DAY"
    NUMBER = "NUMBER"
    WORD = "WORD"
    KEYS = "KEYS"


class Field(msgspec.Struct, frozen=True):
    """One thing that can be filtered or sorted by.

    `path` is the canonical one in REST names, such as `info.name.last`; `operators` are the names
    on the wire that it takes, such as `$eq`; `words` are the values of an enumeration.
    """

    path: str
    kind: Kind
    operators: frozenset[str]
    is_sortable: bool = False
    words: tuple[str, ...] = ()


Value: TypeAlias = str | int | float
"""INSTANT: milliseconds since 1970. NUMBER: a number. DAY: `YYYY-MM-DD`. All others: a text.

E-mails are folded by `email_form`; GUIDs are in lower case.
"""

Comparison: TypeAlias = Literal["<", "<=", ">", ">="]


class OneOf(msgspec.Struct, frozen=True):
    """Equals one of the values; of a repeated field, any element does."""

    field: Field
    values: tuple[Value, ...]


class StartsWith(msgspec.Struct, frozen=True):
    """Starts with the prefix, which is case-folded as the value is before the comparison."""

    field: Field
    prefix: str


class Compare(msgspec.Struct, frozen=True):
    """Lies on one side of the value."""

    field: Field
    operator: Comparison
    value: Value


class Present(msgspec.Struct, frozen=True):
    """Has a value that is not empty."""

    field: Field


class All(msgspec.Struct, frozen=True):
    """All parts hold; without parts it matches everything."""

    parts: tuple[Filter, ...] = ()


class AnyOf(msgspec.Struct, frozen=True):
    """One of the parts holds; without parts it matches nothing."""

    parts: tuple[Filter, ...] = ()


class Not(msgspec.Struct, frozen=True):
    """The part does not hold."""

    part: Filter


Filter: TypeAlias = OneOf | StartsWith | Compare | Present | All | AnyOf | Not

EVERYTHING: Final = All(())
"""The filter that matches all."""


class SortEntry(msgspec.Struct, frozen=True):
    """One key of an order."""

    field: Field
    is_descending: bool = False
