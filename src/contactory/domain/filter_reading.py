"""Reads filters from JSON into the tree of `filters` (CONTRACT D.1 to D.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any, Final, NoReturn, TypeAlias

from contactory.domain.errors import (
    MalformedFilter,
    UnknownFilterField,
    UnsupportedFilter,
    UnsupportedFilterField,
    UnsupportedFilterOperator,
)
from contactory.domain.filter_fields import Dialect, FieldLookup, custom_key
from contactory.domain.filter_forms import is_storable, shown
from contactory.domain.filter_values import Operand, read_prefix, read_value
from contactory.domain.filters import (
    EVERYTHING,
    All,
    AnyOf,
    Compare,
    Comparison,
    Field,
    Filter,
    Not,
    OneOf,
    Present,
    StartsWith,
    Value,
)

MOST_CONDITIONS: Final = 100
MOST_VALUES: Final = 1000
MOST_VALUES_TOGETHER: Final = 10_000
MOST_PARTS: Final = 500
DEEPEST: Final = 20

_COMBINATORS: Final = ("$and", "$or", "$not")
_OTHER_SPELLINGS: Final = {"$begins": "$startsWith"}
_COMPARISONS: Final[dict[str, Comparison]] = {"$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}
_LONGEST_KEY: Final = 80


def read_filter(sent: Any, fields: FieldLookup, *, path: str = "query.filter") -> Filter:
    """The filter that was sent; null and `{}` match everything.

    A filter may hold 100 conditions, 1000 values in a list and 20 levels. `$hasSome` on a field
    with one value counts as `$in` (CONTRACT I.1), `$begins` as `$startsWith`, and `$isEmpty` as the
    reverse of `$exists`. Raises the errors of CONTRACT D.5 at the first offence, with its `path`.
    """
    if sent is None:
        return EVERYTHING
    return _Reader(fields).whole(sent, path, 1)


def custom_keys_in(sent_filter: Any, sent_sort: Any = None) -> frozenset[str]:
    """The keys of the custom fields that a filter and a sort name, before anything is checked.

    The caller looks up their types, and reads the filter with them. Never raises.
    """
    keys = map(custom_key, chain(_sort_names(sent_sort), _names(sent_filter, 2 * DEEPEST)))
    found = (key for key in keys if key and len(key) <= _LONGEST_KEY and is_storable(key))
    # What is named later stands behind more conditions than a filter may hold.
    return frozenset(islice(found, 2 * MOST_CONDITIONS))


def _names(sent: Any, deepest: int) -> Iterator[str]:
    if isinstance(sent, list | tuple) and deepest:
        for item in sent:
            yield from _names(item, deepest - 1)
    if not isinstance(sent, Mapping) or not deepest:
        return
    for name, value in sent.items():
        if name in _COMBINATORS:
            yield from _names(value, deepest - 1)
        elif isinstance(name, str):
            yield name


def _sort_names(sent: Any) -> Iterator[str]:
    entries = sent if isinstance(sent, list | tuple) else [sent]
    for entry in entries:
        name = entry.get("fieldName") if isinstance(entry, Mapping) else None
        for text in name if isinstance(name, list | tuple) else [name]:
            if isinstance(text, str):
                yield text


class _Reader:
    """Reads one filter, and counts what it holds."""

    def __init__(self, fields: FieldLookup) -> None:
        self._fields = fields
        self._conditions = 0
        self._parts = 0
        self._values = 0

    def whole(self, sent: Any, path: str, depth: int) -> Filter:
        """The filter of one object: all of its members hold."""
        if isinstance(sent, str):
            raise MalformedFilter(
                f"{path} is a string: send the object itself, without quoting it", path=path
            )
        if not isinstance(sent, Mapping):
            raise MalformedFilter(
                f'{path} must be an object such as {{"info.name.last": "Doe"}}', path=path
            )
        if depth > DEEPEST:
            raise UnsupportedFilter(f"A filter can have {DEEPEST} levels", path=path)
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise UnsupportedFilter(f"A filter can have {MOST_PARTS} parts", path=path)
        return _all([self._member(name, value, path, depth) for name, value in sent.items()])

    def _member(self, name: Any, value: Any, path: str, depth: int) -> Filter:
        if not isinstance(name, str):
            raise MalformedFilter(f"{path} must have names that are strings", path=path)
        at = f"{path}.{shown(name)}"
        if name in _COMBINATORS:
            return self._combined(name, value, at, depth)
        if name.startswith("$"):
            raise UnsupportedFilter(
                f"{shown(name)} combines no filters: use $and, $or or $not, "
                'and other operators below a field, as in {"info.name.last": {"$eq": "Doe"}}',
                path=at,
                operator=shown(name),
            )
        field = self._fields.find(name)
        if field is None:
            self._refuse_field(name, at)
        return self._condition(field, value, at)

    def _combined(self, name: str, value: Any, at: str, depth: int) -> Filter:
        if name == "$not" and isinstance(value, Mapping):
            return Not(self.whole(value, at, depth + 1))
        if not isinstance(value, list | tuple):
            kinds = "an object or a list of filters" if name == "$not" else "a list of filters"
            raise MalformedFilter(f"{at} must be {kinds}", path=at, operator=name)
        parts = [
            self.whole(item, f"{at}[{position}]", depth + 1) for position, item in enumerate(value)
        ]
        if name == "$or":
            return AnyOf(tuple(parts))
        return Not(_all(parts)) if name == "$not" else _all(parts)

    def _refuse_field(self, name: str, at: str) -> NoReturn:
        kind = (
            UnknownFilterField
            if self._fields.dialect is Dialect.CONTACTS
            else UnsupportedFilterField
        )
        if custom_key(name) is not None:
            advice = "this site has no such custom field"
        elif known := self._fields.suggestion(name):
            advice = f"use {known}"
        else:
            known_fields = self._fields.fields.items()
            advice = _listed([path for path, field in known_fields if field.operators])
        raise kind(
            f"There is no field {shown(name)} to filter by: {advice}", path=at, field=shown(name)
        )

    def _condition(self, field: Field, value: Any, at: str) -> Filter:
        if not isinstance(value, Mapping):
            return self._test(field, "$eq", value, at)
        if not value:
            raise MalformedFilter(
                f"{at} must have an operator: {_listed(field.operators)}", path=at, field=field.path
            )
        tests = (
            self._test(field, name, operand, f"{at}.{shown(name)}")
            for name, operand in value.items()
        )
        return _all(list(tests))

    def _test(self, field: Field, sent_name: Any, operand: Any, at: str) -> Filter:
        self._conditions += 1
        if self._conditions > MOST_CONDITIONS:
            raise UnsupportedFilter(f"A filter can have {MOST_CONDITIONS} conditions", path=at)
        name = _canonical(field, sent_name)
        asks_presence = name in ("$eq", "$ne") and operand is None
        needed = {"$exists"} if name == "$isEmpty" else {name}
        if not needed & field.operators and not (asks_presence and "$exists" in field.operators):
            _refuse_operator(field, sent_name, at)
        return _TESTS[name](self, field, Operand(operand, at, field, name, self._fields.dialect))

    def equals(self, field: Field, operand: Operand) -> Filter:
        """`$eq`; null asks for a missing value."""
        if operand.sent is None:
            return Not(Present(field))
        return OneOf(field, (read_value(operand),))

    def differs(self, field: Field, operand: Operand) -> Filter:
        """`$ne`, which also holds for a missing value."""
        return _negated(self.equals(field, operand))

    def one_of(self, field: Field, operand: Operand) -> Filter:
        """`$in`, and `$hasSome`."""
        return OneOf(field, self._list(operand))

    def none_of(self, field: Field, operand: Operand) -> Filter:
        """`$nin`, which also holds for a missing value."""
        return Not(OneOf(field, self._list(operand)))

    def has_all(self, field: Field, operand: Operand) -> Filter:
        """`$hasAll`: every value is among the field's."""
        return _all([OneOf(field, (value,)) for value in self._list(operand)])

    def lies(self, field: Field, operand: Operand) -> Filter:
        """`$gt`, `$gte`, `$lt` and `$lte`."""
        return Compare(field, _COMPARISONS[operand.operator], read_value(operand))

    def starts_with(self, field: Field, operand: Operand) -> Filter:
        """`$startsWith`; every value starts with an empty prefix."""
        prefix = read_prefix(operand)
        return StartsWith(field, prefix) if prefix else Present(field)

    def exists(self, field: Field, operand: Operand) -> Filter:
        """`$exists`."""
        return Present(field) if operand.flag() else Not(Present(field))

    def is_empty(self, field: Field, operand: Operand) -> Filter:
        """`$isEmpty`."""
        return Not(Present(field)) if operand.flag() else Present(field)

    def _list(self, operand: Operand) -> tuple[Value, ...]:
        items = operand.items()
        self._values += len(items)
        if len(items) > MOST_VALUES or self._values > MOST_VALUES_TOGETHER:
            raise UnsupportedFilter(
                f"A list can have {MOST_VALUES} values, all lists of a filter together "
                f"{MOST_VALUES_TOGETHER}",
                path=operand.path,
                field=operand.field.path,
                operator=operand.operator,
            )
        return tuple(dict.fromkeys(map(read_value, items)))


_Test: TypeAlias = Callable[[_Reader, Field, Operand], Filter]
_TESTS: Final[dict[str, _Test]] = {
    "$eq": _Reader.equals,
    "$ne": _Reader.differs,
    "$in": _Reader.one_of,
    "$nin": _Reader.none_of,
    "$hasSome": _Reader.one_of,
    "$hasAll": _Reader.has_all,
    **dict.fromkeys(_COMPARISONS, _Reader.lies),
    "$startsWith": _Reader.starts_with,
    "$exists": _Reader.exists,
    "$isEmpty": _Reader.is_empty,
}


def _canonical(field: Field, name: Any) -> str:
    """The operator's usual name; one that there is not stays as it is."""
    if not isinstance(name, str):
        return ""
    if name == "$hasSome" and name not in field.operators:
        return "$in"
    return _OTHER_SPELLINGS.get(name, name)


def _refuse_operator(field: Field, name: Any, at: str) -> NoReturn:
    raise UnsupportedFilterOperator(
        f"The field {field.path} does not take {shown(name)}: {_advice(field, name)}",
        path=at,
        field=field.path,
        operator=shown(name),
    )


def _advice(field: Field, name: Any) -> str:
    if not field.operators:
        return "nothing can be filtered by it"
    if name in _COMBINATORS:
        return f'put {name} around the field, as in {{"{name}": …{{"{field.path}": …}}…}}'
    return _listed(field.operators)


def _listed(names: Iterable[str]) -> str:
    return f"use one of {', '.join(sorted(names))}"


def _negated(part: Filter) -> Filter:
    return part.part if isinstance(part, Not) else Not(part)


def _all(parts: list[Filter]) -> Filter:
    """The parts together; those that hold always, and brackets without need, are left out."""
    flat: list[Filter] = []
    for part in parts:
        flat += part.parts if isinstance(part, All) else [part]
    return flat[0] if len(flat) == 1 else All(tuple(flat))
