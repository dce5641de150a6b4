"""Every right filter means what its JSON says; whatever else is sent is refused by our errors."""

from __future__ import annotations

import contextlib
import copy
from datetime import datetime
from functools import cmp_to_key
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactory.domain.cursors import (
    check_same_query,
    encode_cursor,
    read_cursor,
    read_cursor_paging,
    read_position,
)
from contactory.domain.emails import email_key
from contactory.domain.errors import ContactoryError
from contactory.domain.filter_fields import EXTENDED_FIELDS, FACETS, LABELS, FieldLookup
from contactory.domain.filter_matching import Values, matches, ordered, sort_key
from contactory.domain.filter_reading import custom_keys_in, read_filter
from contactory.domain.filters import Field, Kind, Value
from contactory.domain.paging import read_paging
from contactory.domain.sorting import read_sort
from tests.property.filter_strategies import conditions, filters, nonsense, pooled, sorts
from tests.unit.filters_read import CONTACTS, TYPES

ID: Final = "0a9c2f1b-75d1-4c5c-9f2b-0123456789ab"
FIELDS: Final = {
    **CONTACTS.fields,
    **{
        field.path: field
        for key in TYPES
        if (field := CONTACTS.find(f"info.extendedFields.{key}")) is not None
    },
}
REPEATED: Final = (Kind.EMAIL, Kind.PHONE, Kind.KEYS)
Record = dict[str, list[Any]]


def instant(text: str) -> float:
    return datetime.fromisoformat(text if "T" in text else f"{text}T00Z").timestamp()


def comparable(field: Field, value: Any) -> Any:
    """A wire value in a form that compares as the contract says."""
    match field.kind:
        case Kind.EMAIL:
            return email_key(value)
        case Kind.INSTANT:
            return instant(value)
        case Kind.PHONE:
            return digits(value)
        case Kind.GUID:
            return value.lower()
        case Kind.KEYS if not value.startswith("cust"):
            return value.lower()
        case _:
            return value


def holds(sent: dict[str, Any], record: Record) -> bool:
    """What the JSON of a filter says, read straight from the contract's table."""
    for name, value in sent.items():
        if name == "$and":
            ok = all(holds(part, record) for part in value)
        elif name == "$or":
            ok = any(holds(part, record) for part in value)
        elif name == "$not":
            parts = value if isinstance(value, list) else [value]
            ok = not all(holds(part, record) for part in parts)
        else:
            ok = condition_holds(FIELDS[name], value, record.get(name, []))
        if not ok:
            return False
    return True


def condition_holds(field: Field, condition: Any, raw: list[Any]) -> bool:
    tests = condition if isinstance(condition, dict) else {"$eq": condition}
    return all(one_holds(field, name, operand, raw) for name, operand in tests.items())


def one_holds(field: Field, operator: str, operand: Any, raw: list[Any]) -> bool:
    if operator in ("$exists", "$isEmpty"):
        return bool(raw) is (operand is (operator == "$exists"))
    if operator in ("$startsWith", "$begins"):
        form = digits if field.kind is Kind.PHONE else str.casefold
        return any(form(value).startswith(form(operand)) for value in raw)
    have = [comparable(field, value) for value in raw]
    if isinstance(operand, list):
        wanted = {comparable(field, value) for value in operand}
        return {
            "$in": bool(wanted & set(have)),
            "$hasSome": bool(wanted & set(have)),
            "$nin": not wanted & set(have),
            "$hasAll": wanted <= set(have),
        }[operator]
    if operand is None:
        return bool(have) is (operator == "$ne")
    value = comparable(field, operand)
    return {
        "$eq": value in have,
        "$ne": value not in have,
        "$gt": any(own > value for own in have),
        "$gte": any(own >= value for own in have),
        "$lt": any(own < value for own in have),
        "$lte": any(own <= value for own in have),
    }[operator]


def digits(phone: str) -> str:
    return "".join(sign for sign in phone if sign.isdigit() or sign == "+")


def kept(field: Field, value: Any) -> Value:
    """A wire value as an item has it: instants as milliseconds, the rest as written."""
    if field.kind is Kind.INSTANT:
        return round(instant(value) * 1000)
    found: Value = comparable(field, value) if field.kind in (Kind.GUID, Kind.KEYS) else value
    return found


def values_of(record: Record) -> Values:
    return lambda field: [kept(field, value) for value in record.get(field.path, [])]


def records() -> st.SearchStrategy[Record]:
    """People with some of the fields."""
    return st.fixed_dictionaries({}, optional={path: lists(FIELDS[path]) for path in FIELDS})


def lists(field: Field) -> st.SearchStrategy[list[Any]]:
    """The values that one person has of a field, on the wire."""
    return st.lists(pooled(field), max_size=3 if field.kind in REPEATED else 1)


KINDS_OF_FIELDS: Final = {
    (field.kind, field.operators, field.words): field
    for field in FIELDS.values()
    if field.operators
}


@pytest.mark.parametrize("field", KINDS_OF_FIELDS.values(), ids=lambda field: field.path)
@given(data=st.data())
def test_each_operator_means_what_the_contract_says(field: Field, data: st.DataObject) -> None:
    lookup = FieldLookup({field.path: field})
    sent = data.draw(conditions(lookup))
    people = data.draw(st.lists(lists(field), min_size=4, max_size=8))
    found = read_filter(sent, lookup)
    for values in people:
        record = {field.path: values}
        assert matches(found, values_of(record)) is holds(sent, record)


@given(filters(CONTACTS), st.lists(records(), min_size=1, max_size=5))
def test_filters_mean_what_their_json_says(sent: dict[str, Any], people: list[Record]) -> None:
    before = copy.deepcopy(sent)
    found = read_filter(sent, CONTACTS)
    assert sent == before
    for record in people:
        assert matches(found, values_of(record)) is holds(sent, record)


def compared(sent: list[dict[str, Any]], one: Record, other: Record) -> int:
    """Negative where `one` comes first, 0 where the order does not tell."""
    for entry in sent:
        field = FIELDS[entry["fieldName"]]
        sign = -1 if is_descending(entry) else 1
        first, second = one.get(field.path, []), other.get(field.path, [])
        if bool(first) is not bool(second):
            return -sign if first else sign
        if first:
            left, right = sortable(field, first[0]), sortable(field, second[0])
            if left != right:
                return -sign if left < right else sign
    return 0


def is_descending(entry: dict[str, Any]) -> bool:
    return (entry.get("order") or "ASC").upper() == "DESC"


def sortable(field: Field, value: Any) -> Any:
    is_text = field.kind in (Kind.TEXT, Kind.EMAIL)
    return value.casefold() if is_text else comparable(field, value)


@given(sorts(CONTACTS), st.lists(records(), max_size=8))
def test_orders_are_those_of_the_contract(sent: list[dict[str, Any]], people: list[Record]) -> None:
    by_id = -1 if sent and is_descending(sent[0]) else 1
    expected = sorted(
        range(len(people)),
        key=cmp_to_key(
            lambda one, other: compared(sent, people[one], people[other]) or by_id * (one - other)
        ),
    )
    sort = read_sort(sent, CONTACTS)
    assert ordered(range(len(people)), sort, lambda at: values_of(people[at]), str) == expected


@given(filters(CONTACTS), sorts(CONTACTS), records())
def test_cursors_bring_back_query_and_place(
    sent: dict[str, Any], sent_sort: list[dict[str, Any]], record: Record
) -> None:
    sort = read_sort(sent_sort, CONTACTS)
    values = values_of(record)
    position = tuple(sort_key(entry.field, values(entry.field)) for entry in sort)
    cursor = read_cursor(encode_cursor(sent, sent_sort, position, ID))
    assert cursor.filter == sent
    assert read_sort(cursor.sort, CONTACTS) == sort
    assert read_position(cursor, sort) == position
    check_same_query(cursor, sent, sent_sort)


@given(filters(CONTACTS), sorts(CONTACTS))
def test_all_custom_fields_are_found(sent: dict[str, Any], sort: list[dict[str, Any]]) -> None:
    text = f"{sent}{sort}"
    assert custom_keys_in(sent, sort) == {key for key in TYPES if f".{key}'" in text}


@pytest.mark.parametrize("lookup", [CONTACTS, LABELS, EXTENDED_FIELDS, FACETS])
@given(data=st.data())
def test_nonsense_is_refused_by_our_errors(lookup: FieldLookup, data: st.DataObject) -> None:
    sent = data.draw(nonsense(lookup))
    custom_keys_in(sent, sent)
    for read in (
        lambda: read_filter(sent, lookup),
        lambda: read_sort(sent, lookup),
        lambda: read_paging(sent),
        lambda: read_paging({"limit": sent, "offset": sent}, as_violations=True),
        lambda: read_cursor_paging(sent),
        lambda: check_same_query(read_cursor(encode_cursor({}, [], (), ID)), sent, sent),
    ):
        with contextlib.suppress(ContactoryError):
            read()


@given(st.text(max_size=40) | st.binary(max_size=40).map(lambda raw: raw.hex()))
def test_no_text_is_a_cursor_by_chance(text: str) -> None:
    with pytest.raises(ContactoryError):
        read_cursor(text)
