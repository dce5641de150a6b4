"""Cursors carry the query and the place; nothing else is one (CONTRACT B.14)."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest

from contactory.domain.cursors import (
    CursorPaging,
    check_same_query,
    encode_cursor,
    read_cursor,
    read_cursor_paging,
    read_position,
)
from contactory.domain.errors import IllegalLimit, InvalidArgument
from contactory.domain.filters import SortEntry
from tests.unit.filters_read import CONTACTS

ID = "0a9c2f1b-75d1-4c5c-9f2b-0123456789ab"
SORT = {"fieldName": "info.company", "order": "DESC"}


def order(*paths: str) -> tuple[SortEntry, ...]:
    fields = [CONTACTS.find(path) for path in paths]
    return tuple(SortEntry(field) for field in fields if field is not None)


def made(document: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def own(**changes: Any) -> str:
    whole = {"filter": {}, "sort": [], "position": [1], "item_id": ID, "version": 1}
    return made(whole | changes)


def test_a_cursor_says_what_was_put_in() -> None:
    sent = {"$or": [{"info.name.last": "Müller"}, {"createdDate": {"$gt": "2026-11-24"}}]}
    text = encode_cursor(sent, SORT, ("müller", None, 7, 1.5), ID)
    assert text.replace("-", "").replace("_", "").isalnum()
    cursor = read_cursor(text)
    assert (cursor.filter, cursor.sort) == (sent, SORT)
    assert (cursor.position, cursor.item_id) == (["müller", None, 7, 1.5], ID)


def test_python_values_are_kept_as_json() -> None:
    class Word(StrEnum):
        DOE = "Doe"

    moment = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
    sent = {"info.name.last": {"$in": (Word.DOE,)}, "a": moment, "b": 10**30}
    cursor = read_cursor(encode_cursor(sent, (SORT,), (), ID))
    assert cursor.filter == {
        "info.name.last": {"$in": ["Doe"]},
        "a": "2026-11-24T10:30:00.000Z",
        "b": 1e30,
    }
    assert cursor.sort == [SORT]
    check_same_query(cursor, sent, (SORT,))


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "öööö",
        "AAAA",
        "====",
        made([]),
        made({}),
        made({"filter": {}, "sort": []}),
        own(version=2),
        own(item_id="nobody"),
        own(item_id=7),
        own(position={}),
        own(position=[True]),
        own(position=[[1]]),
        made("[" * 100_000),
        own() + "*",
        own()[:-3],
    ],
)
def test_whatever_is_no_cursor_is_refused_at_its_path(text: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        read_cursor_paging({"cursor": text})
    (violation,) = refused.value.violations
    assert violation.field == "query.cursorPaging.cursor"
    assert (violation.violated_rule, violation.data) == ("FORMAT", {"type": "CURSOR"})


def test_deep_documents_are_refused() -> None:
    deep = base64.urlsafe_b64encode(b'{"filter":' + b"[" * 100_000).decode()
    with pytest.raises(InvalidArgument):
        read_cursor(deep)


@pytest.mark.parametrize(
    ("position", "paths"),
    [
        ([], ["createdDate"]),
        ([1, 2], ["createdDate"]),
        (["x"], ["createdDate"]),
        ([1.5], ["createdDate"]),
        ([2**63], ["createdDate"]),
        ([1], ["info.company"]),
        (["x" * 201], ["info.company"]),
        (["\0"], ["info.company"]),
        ([1], ["info.birthdate"]),
        (["1"], ["info.extendedFields.custom.age"]),
        ([10**18 * 10], ["info.extendedFields.custom.age"]),
        ([1e301], ["info.extendedFields.custom.age"]),
    ],
)
def test_a_position_must_fit_the_order(position: list[Any], paths: list[str]) -> None:
    with pytest.raises(InvalidArgument) as refused:
        read_position(read_cursor(own(position=position)), order(*paths))
    assert refused.value.violations[0].violated_rule == "FORMAT"


def test_positions_of_every_kind() -> None:
    paths = [
        "createdDate",
        "info.company",
        "info.birthdate",
        "info.extendedFields.custom.age",
        "info.extendedFields.custom.met",
        "info.name.last",
    ]
    position = (1795516200000, "x" * 200, "1980-02-29", 1.5, -5, None)
    cursor = read_cursor(encode_cursor({}, [], position, ID))
    assert read_position(cursor, order(*paths)) == position


@pytest.mark.parametrize(
    ("sent_filter", "sent_sort", "fields"),
    [
        (None, None, []),
        ({}, [], []),
        ({"a": 1, "b": [2]}, SORT, []),
        ({"b": [2], "a": 1}, None, []),
        ({"a": 2, "b": [2]}, SORT, ["query.filter"]),
        ("nonsense", [SORT], ["query.filter", "query.sort"]),
        ({"a": object()}, 7, ["query.filter", "query.sort"]),
        ({7: 1}, None, ["query.filter"]),
    ],
)
def test_the_query_beside_a_cursor_must_be_its_own(
    sent_filter: Any, sent_sort: Any, fields: list[str]
) -> None:
    cursor = read_cursor(encode_cursor({"a": 1, "b": [2]}, SORT, (1,), ID))
    found: list[str] = []
    try:
        check_same_query(cursor, sent_filter, sent_sort)
    except InvalidArgument as error:
        found = [violation.field for violation in error.violations]
    assert found == fields


def test_limits_of_cursor_paging() -> None:
    assert read_cursor_paging(None) is None
    assert read_cursor_paging({}) == CursorPaging(50)
    assert read_cursor_paging({"limit": ["1000"], "cursor": None}) == CursorPaging(1000)
    found = read_cursor_paging({"limit": 2, "cursor": own()})
    assert found is not None
    assert found.cursor is not None
    for limit in (-1, 1001):
        with pytest.raises(IllegalLimit) as refused:
            read_cursor_paging({"limit": limit})
        assert refused.value.data["path"] == "query.cursorPaging.limit"
    for sent in ("x", {"cursor": 7}, {"limit": "x"}):
        with pytest.raises(InvalidArgument):
            read_cursor_paging(sent)
