"""Filters and orders, evaluated in plain Python: for small lists that are in memory."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeAlias, TypeVar

from contactory.domain.contact_index import phone_form
from contactory.domain.filter_forms import email_form, folded, sort_form
from contactory.domain.filters import (
    All,
    AnyOf,
    Compare,
    Comparison,
    Field,
    Filter,
    Kind,
    Not,
    OneOf,
    Present,
    SortEntry,
    StartsWith,
    Value,
)

Item = TypeVar("Item")

Values: TypeAlias = Callable[[Field], Sequence[Value]]
"""The values that one item has of a field, none where it is missing; of a phone, all its forms."""

_COMPARE: Final[dict[Comparison, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_FORMS: Final[dict[Kind, Callable[[str], str]]] = {
    Kind.EMAIL: email_form,
    Kind.PHONE: phone_form,
}
_DATES: Final = (Kind.DAY, Kind.INSTANT)


def matches(sought: Filter, values: Values) -> bool:
    """Whether the item with these values is among those sought."""
    match sought:
        case All(parts):
            return all(matches(part, values) for part in parts)
        case AnyOf(parts):
            return any(matches(part, values) for part in parts)
        case Not(part):
            return not matches(part, values)
        case _:
            return any(_holds(sought, value) for value in values(sought.field) if value != "")


def _holds(test: OneOf | StartsWith | Compare | Present, value: Value) -> bool:
    match test:
        case OneOf(field, wanted):
            form = _FORMS.get(field.kind)
            return (
                value in wanted if form is None else form(str(value)) in map(form, map(str, wanted))
            )
        case StartsWith(field, prefix):
            form = phone_form if field.kind is Kind.PHONE else folded
            return form(str(value)).startswith(form(prefix))
        case Compare(_, sign, limit):
            return _COMPARE[sign](value, limit)
        case Present():
            return True


def sort_key(field: Field, values: Sequence[Value]) -> Value | None:
    """What an order compares of an item: its first value in sort form, None where it is missing."""
    for value in values:
        if value != "":
            is_text = isinstance(value, str) and field.kind not in _DATES
            return sort_form(str(value)) if is_text else value
    return None


def ordered(
    items: Iterable[Item],
    sort: Sequence[SortEntry],
    values: Callable[[Item], Values],
    item_id: Callable[[Item], str],
) -> list[Item]:
    """The items in order: missing values last ascending and first descending (CONTRACT D.7).

    Equal ones are in the order of their ids, in the direction of the first entry.
    """
    found = sorted(items, key=item_id, reverse=bool(sort) and sort[0].is_descending)
    for entry in reversed(sort):
        found.sort(key=_key_by(entry.field, values), reverse=entry.is_descending)
    return found


def _key_by(field: Field, values: Callable[[Item], Values]) -> Callable[[Item], tuple[bool, Value]]:
    def key(item: Item) -> tuple[bool, Value]:
        value = sort_key(field, values(item)(field))
        return (True, 0) if value is None else (False, value)

    return key
