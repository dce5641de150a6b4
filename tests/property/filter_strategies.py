"""Strategies for filters and sorts as callers send them: right ones, and garbage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from hypothesis import strategies as st

from contactory.domain.filter_fields import FieldLookup
from contactory.domain.filters import Field, Kind

Pool: TypeAlias = Callable[[Field], st.SearchStrategy[Any]]
"""The wire values of a field, few enough that filters find something."""

_TEXTS: Final = ("Doe", "doe", "DOE", "Do", "Straße", "STRASSE", "Ünal", "d", "東京", "İ", "x y")
_GUIDS: Final = tuple(f"0A9C2F1B-75D1-4C5C-9F2B-00000000000{digit}" for digit in "0123AB")
_POOLS: Final[Mapping[Kind, tuple[Any, ...]]] = {
    Kind.TEXT: _TEXTS,
    Kind.EMAIL: ("john@example.com", "John@EXAMPLE.com", "j@müller.de", "J@xn--mller-kva.de"),
    Kind.PHONE: ("646-567-6359", "6465676359", "+16465676359", "+1 (646) 567.6359", "112"),
    Kind.GUID: (*_GUIDS, _GUIDS[-1].lower()),
    Kind.INSTANT: (
        "2026-11-24T10:30:00.000Z",
        "2026-11-24T10:30:00.001Z",
        "2026-11-24T12:30:00+02:00",
        "2026-11-24",
        "1969-12-31T23:59:59.999Z",
    ),
    Kind.DAY: ("1980-02-28", "1980-02-29", "1980-03-01", "2001-12-31"),
    Kind.NUMBER: (-1, 0, 0.5, 24, 24.0, 25, 1e20),
    Kind.KEYS: ("custom.a", "custom.b", "contacts.customers", _GUIDS[-1]),
}
_RANGE_OPERATORS: Final = ("$gt", "$gte", "$lt", "$lte")


def pooled(field: Field) -> st.SearchStrategy[Any]:
    """Values of the field on the wire, from a small pool."""
    return st.sampled_from(field.words if field.kind is Kind.WORD else _POOLS[field.kind])


def filters(lookup: FieldLookup, pool: Pool = pooled) -> st.SearchStrategy[dict[str, Any]]:
    """Filters that must be accepted, over all fields and operators of the lookup."""
    leaves = st.lists(conditions(lookup, pool), max_size=2).map(
        lambda pairs: {name: value for pair in pairs for name, value in pair.items()}
    )
    return st.recursive(leaves, _combined, max_leaves=8)


def sorts(lookup: FieldLookup) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Orders that must be accepted."""
    names = [field.path for field in _fields(lookup) if field.is_sortable]
    entry = st.fixed_dictionaries(
        {"fieldName": st.sampled_from(names)},
        optional={"order": st.sampled_from(["ASC", "DESC", "asc", "desc", None])},
    )
    return st.lists(entry, max_size=3)


def nonsense(lookup: FieldLookup) -> st.SearchStrategy[Any]:
    """What no client should send: known names and operators in wrong places, and anything."""
    names = st.sampled_from(
        [field.path for field in _fields(lookup)]
        + "$and $or $not $nor $eq $ne $in $nin $hasSome $hasAll $exists $isEmpty $gt".split()
        + ["", "id.", "info", "info.emails.items.email", "fieldName", "order", "limit", "$begins"]
    )
    anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    values = anything | st.sampled_from(_TEXTS) | st.sampled_from(_POOLS[Kind.INSTANT])
    return st.recursive(
        values,
        lambda deeper: (
            st.lists(deeper, max_size=3)
            | st.dictionaries(names | st.text(max_size=3), deeper, max_size=3)
            | st.dictionaries(st.integers(), deeper, max_size=1)
        ),
        max_leaves=12,
    )


def _fields(lookup: FieldLookup) -> list[Field]:
    custom = [lookup.find(f"info.extendedFields.{key}") for key in lookup.custom]
    return [*lookup.fields.values(), *(field for field in custom if field is not None)]


def conditions(lookup: FieldLookup, pool: Pool = pooled) -> st.SearchStrategy[dict[str, Any]]:
    """Filters of one field, which must be accepted."""
    one_of = [
        st.fixed_dictionaries({field.path: _condition(field, pool(field))})
        for field in _fields(lookup)
        if field.operators
    ]
    return st.one_of(one_of)


def _condition(field: Field, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    operands: dict[str, st.SearchStrategy[Any]] = {}
    takes = field.operators
    lists = st.lists(values, max_size=3)
    takes_null = bool({"$eq", "$exists"} & takes)
    for name in takes:
        if name in ("$in", "$nin", "$hasSome", "$hasAll"):
            operands[name] = lists
        elif name == "$exists":
            operands |= {"$exists": st.booleans(), "$isEmpty": st.booleans()}
        elif name == "$startsWith":
            prefixes = st.builds(lambda text, size: text[:size], values, st.integers(0, 4))
            operands |= {"$startsWith": prefixes | prefixes.map(str.upper), "$begins": prefixes}
        elif name in _RANGE_OPERATORS:
            operands[name] = values
        else:
            operands[name] = values | st.none()
    if "$in" in takes:
        operands["$hasSome"] = lists
    several = st.lists(
        st.sampled_from(sorted(operands)).flatmap(
            lambda name: st.tuples(st.just(name), operands[name])
        ),
        min_size=1,
        max_size=2,
    ).map(dict)
    literals = [values] if "$eq" in takes else []
    nulls = [st.none()] if takes_null else []
    return st.one_of(several, *literals, *nulls)


def _combined(deeper: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    lists = st.lists(deeper, max_size=3)
    return st.one_of(
        st.fixed_dictionaries({"$and": lists}),
        st.fixed_dictionaries({"$or": lists}),
        st.fixed_dictionaries({"$not": deeper | lists}),
    )
