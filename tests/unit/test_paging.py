"""Limits and offsets (CONTRACT 1.4, D.5, D.7), and what answers say of pages."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from contactory.domain.errors import IllegalLimit, InvalidArgument
from contactory.domain.paging import Cursors, Paging, PagingMetadata, read_paging


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (None, Paging(50, 0)),
        ({}, Paging(50, 0)),
        ({"limit": None, "offset": None}, Paging(50, 0)),
        ({"limit": 0}, Paging(0, 0)),
        ({"limit": 1000, "offset": 2**31 - 1}, Paging(1000, 2**31 - 1)),
        ({"limit": "20", "offset": "7"}, Paging(20, 7)),
        ({"limit": ["20"], "offset": ["7"]}, Paging(20, 7)),
        ({"limit": 20.0}, Paging(20, 0)),
    ],
)
@pytest.mark.parametrize("as_violations", [False, True])
def test_numbers_in_every_form(sent: Any, expected: Paging, as_violations: bool) -> None:
    assert read_paging(sent, as_violations=as_violations) == expected


OUT_OF_RANGE = [
    ({"limit": -1}, "limit", 1000),
    ({"limit": 1001}, "limit", 1000),
    ({"limit": ["1001"]}, "limit", 1000),
    ({"limit": 1e30}, "limit", 1000),
    ({"offset": -1}, "offset", 2**31 - 1),
    ({"offset": 2**31}, "offset", 2**31 - 1),
    ({"offset": "-5"}, "offset", 2**31 - 1),
]


@pytest.mark.parametrize(("sent", "name", "most"), OUT_OF_RANGE)
def test_contacts_refuse_what_is_out_of_range(sent: Any, name: str, most: int) -> None:
    with pytest.raises(IllegalLimit) as refused:
        read_paging(sent)
    assert refused.value.data == {"path": f"query.paging.{name}", "limit": most}
    assert f"between 0 and {most}" in refused.value.message


@pytest.mark.parametrize(("sent", "name", "most"), OUT_OF_RANGE)
def test_labels_refuse_it_as_a_violation(sent: Any, name: str, most: int) -> None:
    with pytest.raises(InvalidArgument) as refused:
        read_paging(sent, path="paging", as_violations=True)
    (violation,) = refused.value.violations
    assert violation.field == f"paging.{name}"
    assert violation.violated_rule in ("MIN", "MAX")
    assert violation.data == {"threshold": 0 if violation.violated_rule == "MIN" else most}


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ("x", "query.paging"),
        ([2], "query.paging"),
        ({"limit": "many"}, "query.paging.limit"),
        ({"limit": True}, "query.paging.limit"),
        ({"limit": 1.5}, "query.paging.limit"),
        ({"limit": ["1", "2"]}, "query.paging.limit"),
        ({"offset": {}}, "query.paging.offset"),
        ({"cursor": "abc"}, "query.paging.cursor"),
    ],
)
@pytest.mark.parametrize("as_violations", [False, True])
def test_what_is_no_number_is_a_violation(sent: Any, field: str, as_violations: bool) -> None:
    with pytest.raises(InvalidArgument) as refused:
        read_paging(sent, as_violations=as_violations)
    assert [violation.field for violation in refused.value.violations] == [field]


def test_a_cursor_is_sent_to_its_place() -> None:
    with pytest.raises(InvalidArgument, match=r"send cursorPaging\.cursor"):
        read_paging({"cursor": "abc"})


def test_defaults_and_limits_are_the_callers() -> None:
    assert read_paging(None, default=100, most=2000) == Paging(100, 0)
    assert read_paging({"limit": 2000}, default=100, most=2000) == Paging(2000, 0)


@pytest.mark.parametrize(
    ("metadata", "shown"),
    [
        (
            PagingMetadata(count=0, total=0),
            {"count": 0, "offset": 0, "total": 0, "tooManyToCount": False},
        ),
        (PagingMetadata(count=2, offset=4), {"count": 2, "offset": 4, "tooManyToCount": False}),
        (
            PagingMetadata(count=1, cursors=Cursors(next="abc"), has_next=True),
            {
                "count": 1,
                "offset": 0,
                "tooManyToCount": False,
                "cursors": {"next": "abc"},
                "hasNext": True,
            },
        ),
        (
            PagingMetadata(count=1, cursors=Cursors(), has_next=False),
            {"count": 1, "offset": 0, "tooManyToCount": False, "cursors": {}, "hasNext": False},
        ),
    ],
)
def test_metadata_shows_what_is_known(metadata: PagingMetadata, shown: dict[str, Any]) -> None:
    document = msgspec.json.encode(metadata)
    assert msgspec.json.decode(document) == shown
    assert msgspec.json.decode(document, type=PagingMetadata) == metadata
