"""Finds labels and extended fields among those of a site, which are few (CONTRACT B.11, B.12)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any, TypeVar

import msgspec

from contactory.domain.definition_reading import Asked
from contactory.domain.definitions import Definition
from contactory.domain.filter_matching import Values, matches, ordered
from contactory.domain.filters import Field, Kind, Value
from contactory.domain.paging import PagingMetadata

D = TypeVar("D", bound=Definition)


def page(own: Iterable[D], system: Sequence[D], asked: Asked) -> tuple[list[D], PagingMetadata]:
    """The page asked for, and its place.

    Without another order, a site's own come first, the newest of them first of all, then those of
    every site (CONTRACT D.7).
    """
    # Of those made at one instant, the key decides: the second sort keeps the order of the first.
    newest_first = sorted(own, key=attrgetter("key"))
    newest_first.sort(key=attrgetter("created_date"), reverse=True)
    found = [one for one in (*newest_first, *system) if _is_asked_for(one, asked)]
    if asked.sort:
        found = ordered(found, asked.sort, _values_of, attrgetter("key"))
    first = asked.paging.offset
    shown = found[first : first + asked.paging.limit]
    return shown, PagingMetadata(count=len(shown), offset=first, total=len(found))


def _is_asked_for(one: Definition, asked: Asked) -> bool:
    values = _values_of(one)
    return (
        one.display_name.startswith(asked.prefix)
        and all(_member(one, name) == value for name, value in asked.is_of.items())
        and matches(asked.filter, values)
    )


def _values_of(one: Definition) -> Values:
    def values(field: Field) -> Sequence[Value]:
        value = _member(one, field.path)
        if value is None:
            return ()
        return (value.ms,) if field.kind is Kind.INSTANT else (value,)

    return values


def _member(one: msgspec.Struct, name: str) -> Any:
    """What stands under this name on the wire."""
    at = one.__struct_encode_fields__.index(name)
    return getattr(one, one.__struct_fields__[at])
