"""Query strings in all the forms that clients send (CONTRACT 1.4)."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import Request

from contactory.domain.errors import MalformedRequest
from contactory.http.query_strings import read_query


def read(text: str) -> dict[str, Any]:
    scope = {"type": "http", "query_string": text.encode(), "headers": []}
    return read_query(Request(scope))


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("", {}),
        ("&&", {}),
        ("fields=a", {"fields": ["a"]}),
        ("fields=a&fields=b&fields=a", {"fields": ["a", "b", "a"]}),
        ("fields=a,b", {"fields": ["a,b"]}),
        ("fields=", {"fields": [""]}),
        ("fields", {"fields": [""]}),
        ("name=a+b%20c%2Bd", {"name": ["a b c+d"]}),
        ("name=%C3%BC", {"name": ["ü"]}),
        ("paging.limit=2", {"paging": {"limit": ["2"]}}),
        ("paging.limit=2&paging.offset=1", {"paging": {"limit": ["2"], "offset": ["1"]}}),
        ("a.b.c.d=1", {"a": {"b": {"c": {"d": ["1"]}}}}),
    ],
)
def test_dots_nest_and_repeated_names_are_lists(text: str, sent: dict[str, Any]) -> None:
    assert read(text) == sent


@pytest.mark.parametrize(
    ("brackets", "dots"),
    [
        ("paging[limit]=2", "paging.limit=2"),
        ("paging%5Blimit%5D=2", "paging.limit=2"),
        ("sort[fieldName]=a&sort[order]=ASC", "sort.fieldName=a&sort.order=ASC"),
        ("fields[]=a&fields[]=b", "fields=a&fields=b"),
        ("fields[0]=a&fields[1]=b", "fields=a&fields=b"),
        ("fields[0]=a&fields[10]=b&fields=c", "fields=a&fields=b&fields=c"),
        ("a[b][c]=1", "a.b.c=1"),
        ("a[b].c=1", "a.b.c=1"),
        ("a[b][]=1", "a.b=1"),
        ("a..b=1", "a.b=1"),
    ],
)
def test_brackets_say_what_dots_do(brackets: str, dots: str) -> None:
    assert read(brackets) == read(dots)


@pytest.mark.parametrize("text", ["=1", "[]=1", ".=1", "a[=1", "a]=1", "[[a]]=1"])
def test_what_is_no_path_is_a_name_with_a_value(text: str) -> None:
    (value,) = read(text).values()
    assert value == ["1"] or list(value.values()) == [["1"]]


@pytest.mark.parametrize(
    "text",
    ["a=1&a.b=2", "a.b=2&a=1", "a[b]=1&a[]=2", "a.b.c=1&a.b=2", "a.b=1&a.b.c=2"],
)
def test_a_name_with_both_a_value_and_members_is_refused(text: str) -> None:
    with pytest.raises(MalformedRequest, match="both a value and members"):
        read(text)


def test_deep_names_are_refused_and_not_repeated_whole() -> None:
    with pytest.raises(MalformedRequest, match="too many parts") as refused:
        read(".".join("a" * 5000) + "=1")
    assert len(str(refused.value)) < 200
