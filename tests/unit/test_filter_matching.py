"""Filters and orders in plain Python (CONTRACT D.1, D.7)."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.domain.filter_matching import matches, ordered
from contactory.domain.filters import Field, Value
from contactory.domain.sorting import read_sort
from tests.unit.filters_read import CONTACTS, read

AGE = "info.extendedFields.custom.age"
JOHN: dict[str, list[Value]] = {
    "info.name.last": ["Straße"],
    "info.company": [""],
    "info.emails.email": ["John@EXAMPLE.com", "j@müller.de"],
    "info.phones.phone": ["646-567-6359", "6465676359", "+16465676359"],
    "info.labelKeys": ["custom.a", "custom.b"],
    "createdDate": [1795516200000],
    "info.birthdate": ["1980-02-29"],
    AGE: [24],
}


def is_john(sent: Any) -> bool:
    return matches(read(sent), lambda field: JOHN.get(field.path, []))


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({}, True),
        ({"$or": []}, False),
        ({"info.name.last": "Straße"}, True),
        ({"info.name.last": "straße"}, False),
        ({"info.name.last": {"$startsWith": "STRASS"}}, True),
        ({"info.name.last": {"$startsWith": "trass"}}, False),
        ({"info.emails.email": "john@example.COM"}, True),
        ({"info.emails.email": "J@xn--mller-kva.de"}, True),
        ({"info.emails.email": {"$ne": "john@example.com"}}, False),
        ({"info.emails.email": {"$startsWith": "JOHN@"}}, True),
        ({"info.phones.phone": {"$in": ["1", "+16465676359"]}}, True),
        ({"info.phones.phone": "(646) 567 6359"}, True),
        ({"info.phones.phone": "16465676359"}, False),
        ({"info.phones.phone": {"$startsWith": "+1 (646)"}}, True),
        ({"info.phones.phone": {"$startsWith": "567"}}, False),
        ({"info.labelKeys": {"$hasAll": ["custom.a", "custom.b"]}}, True),
        ({"info.labelKeys": {"$hasAll": ["custom.a", "custom.c"]}}, False),
        ({"info.labelKeys": {"$hasSome": ["custom.a", "custom.c"]}}, True),
        ({"createdDate": {"$gte": "2026-11-24T10:30:00Z"}}, True),
        ({"createdDate": {"$gt": "2026-11-24T10:30:00Z"}}, False),
        ({"createdDate": {"$lte": "2026-11-24T10:30:00Z"}}, True),
        ({"createdDate": {"$lt": "2026-11-24T10:30:00.001Z"}}, True),
        ({"info.birthdate": {"$gt": "1980-02-28", "$lt": "1980-03-01"}}, True),
        ({AGE: 24.0}, True),
        ({AGE: {"$gt": 24}}, False),
        ({"info.company": None}, True),
        ({"info.company": ""}, False),
        ({"info.company": {"$startsWith": ""}}, False),
        ({"info.company": {"$ne": "x"}}, True),
        ({"info.jobTitle": {"$exists": True}}, False),
        ({"info.jobTitle": {"$ne": "x"}}, True),
        ({"info.jobTitle": {"$in": ["x"]}}, False),
        ({"$not": {"info.jobTitle": "x"}}, True),
        ({"$not": [{"info.name.last": "Straße"}, {"info.jobTitle": "x"}]}, True),
        ({"$or": [{"info.jobTitle": "x"}, {AGE: 24}]}, True),
    ],
)
def test_filters_hold_or_not(sent: Any, expected: bool) -> None:
    assert is_john(sent) is expected


PEOPLE: dict[str, dict[str, list[Value]]] = {
    "1": {"info.name.last": ["b"], AGE: [10]},
    "2": {"info.name.last": ["B"], AGE: [9]},
    "3": {"info.name.last": ["a"]},
    "4": {"info.name.last": [""]},
    "5": {AGE: [10]},
}


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ([], "12345"),
        ([("info.name.last", "ASC")], "31245"),
        ([("info.name.last", "DESC")], "54213"),
        ([(AGE, "ASC")], "21534"),
        ([(AGE, "DESC")], "43512"),
        ([("info.name.last", "ASC"), (AGE, "ASC")], "32154"),
        ([("info.name.last", "ASC"), (AGE, "DESC")], "31245"),
        ([(AGE, "DESC"), ("info.name.last", "ASC")], "34152"),
    ],
)
def test_orders_ignore_case_and_put_missing_values_at_the_end(
    sort: list[tuple[str, str]], expected: str
) -> None:
    entries = [{"fieldName": name, "order": direction} for name, direction in sort]

    def values(person: str) -> Any:
        def of(field: Field) -> list[Value]:
            return PEOPLE[person].get(field.path, [])

        return of

    found = ordered(reversed(PEOPLE), read_sort(entries, CONTACTS), values, str)
    assert "".join(found) == expected


def test_orders_look_at_the_first_200_characters() -> None:
    people: dict[str, str] = {"1": "ß" * 100 + "b", "2": "ß" * 100 + "a"}
    sort = read_sort({"fieldName": "info.company"}, CONTACTS)
    assert ordered(people, sort, lambda item: lambda _: [people[item]], str) == ["1", "2"]
