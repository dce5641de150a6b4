"""The order that a query asks for (CONTRACT B.6, D.5, D.7)."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.domain.errors import InvalidSort, UnsupportedSortField
from contactory.domain.filter_fields import LABELS
from contactory.domain.sorting import read_sort
from tests.unit.filters_read import CONTACTS

AGE = "info.extendedFields.custom.age"


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (None, []),
        ([], []),
        ({}, []),
        ({"fieldName": "info.name.last"}, [("info.name.last", False)]),
        ({"fieldName": "info.name.last", "order": "desc"}, [("info.name.last", True)]),
        ({"fieldName": "info.name.last", "order": None}, [("info.name.last", False)]),
        ({"fieldName": ["info.name.last"], "order": ["DESC"]}, [("info.name.last", True)]),
        (
            [{"fieldName": "_createdDate", "order": "DESC"}, {"fieldName": AGE, "order": "Asc"}],
            [("createdDate", True), (AGE, False)],
        ),
        (({"fieldName": "info.company"},), [("info.company", False)]),
    ],
)
def test_objects_and_lists_are_orders(sent: Any, expected: list[tuple[str, bool]]) -> None:
    entries = read_sort(sent, CONTACTS)
    assert [(entry.field.path, entry.is_descending) for entry in entries] == expected


ENTRY = {"fieldName": "info.company"}


@pytest.mark.parametrize(
    ("sent", "path", "says"),
    [
        ("createdDate", "", "must be an object such as"),
        (["createdDate"], "[0]", "must be an object such as"),
        (7, "", "or a list of them"),
        ([ENTRY] * 6, "", "can have 5 entries"),
        ([ENTRY, {}], "[1].fieldName", "the name of a field"),
        ({"fieldName": 7}, ".fieldName", "the name of a field"),
        ({"fieldName": ["a", "b"]}, ".fieldName", "the name of a field"),
        ({"order": "ASC"}, ".fieldName", "the name of a field"),
        ({"fieldName": "updatedDate"}, ".fieldName", "use one of createdDate"),
        ({"fieldName": "info.emails.email"}, ".fieldName", "use one of createdDate"),
        ({"fieldName": "info.nam.last"}, ".fieldName", "use info.name.last"),
        ({"fieldName": "info.extendedFields.custom.no"}, ".fieldName", "use one of createdDate"),
        ({"fieldName": "info.company", "order": "UP"}, ".order", "ASC or DESC"),
        ({"fieldName": "info.company", "order": 1}, ".order", "ASC or DESC"),
    ],
)
def test_all_else_is_refused_with_what_to_send(sent: Any, path: str, says: str) -> None:
    with pytest.raises(UnsupportedSortField) as refused:
        read_sort(sent, CONTACTS)
    assert refused.value.data["path"] == f"query.sort{path}"
    assert says in refused.value.message


def test_labels_have_a_code_of_their_own() -> None:
    assert read_sort({"fieldName": "updatedDate"}, LABELS)[0].field.path == "updatedDate"
    with pytest.raises(InvalidSort) as refused:
        read_sort([{"fieldName": "key"}], LABELS, path="sort")
    assert refused.value.data == {"path": "sort[0].fieldName", "field": "key"}
    assert "createdDate, displayName, updatedDate" in refused.value.message
