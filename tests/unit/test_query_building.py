"""The query builder sends what the SDK's sends; its results walk as its do (CONTRACT I)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from contactory.domain.errors import IllegalLimit, NotFound
from contactory.domain.paging import Cursors, PagingMetadata
from contactory.domain.query_building import Query, QueryPage

SOME = {"info.name.last": "Doe"}


class People:
    """A list of numbers that answers queries as a noun does, and keeps what it was asked."""

    def __init__(self, size: int, *, counts: bool = True, too_many: bool = False) -> None:
        self.numbers = list(range(size))
        self.counts = counts
        self.too_many = too_many
        self.asked: list[Mapping[str, Any]] = []

    async def find(self, query: Mapping[str, Any]) -> QueryPage[int]:
        self.asked.append(query)
        by_cursor = query.get("cursorPaging")
        paging = query["paging"] if by_cursor is None else by_cursor
        start = paging.get("offset", 0) if by_cursor is None else int(paging.get("cursor", 0))
        end = start + paging["limit"]
        items = self.numbers[start:end]
        metadata = PagingMetadata(
            count=len(items),
            offset=start,
            total=len(self.numbers) if self.counts else None,
            too_many_to_count=self.too_many,
            cursors=(
                None
                if by_cursor is None
                else Cursors(next=str(end) if end < len(self.numbers) else None)
            ),
        )
        return QueryPage(items, metadata)

    def query(self) -> Query[int]:
        return Query(run=self.find, has_cursors=True)


def new() -> Query[int]:
    return People(0).query()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (new(), {}),
        (new().eq("_id", "x"), {"id": "x"}),
        (new().eq("a", None), {"a": None}),
        (new().ne("a", 1), {"a": {"$ne": 1}}),
        (new().gt("a", 1), {"a": {"$gt": 1}}),
        (new().ge("a", 1), {"a": {"$gte": 1}}),
        (new().lt("a", 1), {"a": {"$lt": 1}}),
        (new().le("a", 1), {"a": {"$lte": 1}}),
        (new().between("a", 1, 2), {"$and": [{"a": {"$gte": 1}}, {"a": {"$lt": 2}}]}),
        (new().is_in("a", ("x", "y")), {"a": {"$in": ["x", "y"]}}),
        (new().in_("a", ["x"]), {"a": {"$in": ["x"]}}),
        (new().has_some("a", "x", "y"), {"a": {"$hasSome": ["x", "y"]}}),
        (new().has_some("a", ["x", "y"]), {"a": {"$hasSome": ["x", "y"]}}),
        (new().has_all("a", "x"), {"a": {"$hasAll": ["x"]}}),
        (new().starts_with("a", "x"), {"a": {"$startsWith": "x"}}),
        (new().ends_with("a", "x"), {"a": {"$endsWith": "x"}}),
        (new().contains("a", "x"), {"a": {"$contains": "x"}}),
        (new().exists("a"), {"a": {"$exists": True}}),
        (new().exists("a", False), {"a": {"$exists": False}}),
        (new().is_empty("a"), {"a": None}),
        (new().is_not_empty("a"), {"a": {"$ne": None}}),
        (new().eq("a", 1).eq("b", 2), {"$and": [{"a": 1}, {"b": 2}]}),
        (new().eq("a", 1).or_(new().eq("b", 2)), {"$or": [{"a": 1}, {"b": 2}]}),
        (
            new().eq("a", 1).or_(new().eq("b", 2)).eq("c", 3),
            {"$and": [{"$or": [{"a": 1}, {"b": 2}]}, {"c": 3}]},
        ),
        (new().not_(new().eq("b", 2)), {"$not": {"b": 2}}),
        (new().eq("a", 1).not_(new().eq("b", 2)), {"$and": [{"a": 1}, {"$not": {"b": 2}}]}),
        (new().eq("a", 1).and_(new().eq("b", 2)), {"$and": [{"a": 1}, {"b": 2}]}),
        (new().eq("a", 1).and_(new()), {"a": 1}),
        (
            new().gt("_createdDate", datetime(1970, 1, 1, tzinfo=UTC)),
            {"createdDate": {"$gt": "1970-01-01T00:00:00.000Z"}},
        ),
        (new().eq("a", date(2026, 11, 24)), {"a": "2026-11-24"}),
        (
            new().is_in("a", [datetime(2026, 11, 24)]),  # noqa: DTZ001
            {"a": {"$in": ["2026-11-24T00:00:00.000Z"]}},
        ),
    ],
)
def test_conditions_are_those_of_the_sdk(query: Query[int], expected: dict[str, Any]) -> None:
    assert query.to_mapping() == {"filter": expected, "paging": {"offset": 0, "limit": 50}}


def test_the_captured_example() -> None:
    query = (
        new()
        .eq("info.name.first", "John")
        .has_some("info.labelKeys", ["custom.a"])
        .gt("_createdDate", datetime(1970, 1, 1, tzinfo=UTC))
        .descending("_createdDate")
        .ascending("info.name.last")
        .limit(1)
    )
    assert query.to_mapping() == {
        "filter": {
            "$and": [
                {"info.name.first": "John"},
                {"info.labelKeys": {"$hasSome": ["custom.a"]}},
                {"createdDate": {"$gt": "1970-01-01T00:00:00.000Z"}},
            ]
        },
        "paging": {"offset": 0, "limit": 1},
        "sort": [
            {"fieldName": "createdDate", "order": "DESC"},
            {"fieldName": "info.name.last", "order": "ASC"},
        ],
    }


def test_steps_leave_the_query_before_them_as_it_is() -> None:
    first = new().eq("a", 1).ascending("b", "c").ascending(["d"])
    before = first.to_mapping()
    first.eq("x", 1).descending("y").limit(3).skip(4).or_(new())
    assert first.to_mapping() == before
    assert [entry["fieldName"] for entry in before["sort"]] == ["b", "c", "d"]


def test_the_typed_form_is_sent_as_it_is() -> None:
    people = People(0)
    sent = {
        "filter": {"_id": "x", "createdDate": {"$gt": datetime(2026, 11, 24, tzinfo=UTC)}},
        "sort": {"fieldName": "_createdDate"},
        "paging": {"limit": 7, "offset": 3},
        "fields": ["info.name"],
    }
    query: Query[int] = Query.from_mapping(people.find, sent)
    assert query.to_mapping() == {
        "filter": {"_id": "x", "createdDate": {"$gt": "2026-11-24T00:00:00.000Z"}},
        "sort": [{"fieldName": "_createdDate"}],
        "paging": {"limit": 7, "offset": 3},
        "fields": ["info.name"],
    }
    with pytest.raises(IllegalLimit):
        Query.from_mapping(people.find, {"paging": {"limit": 1001}})


async def walked(query: Query[int]) -> list[int]:
    return [item async for item in query]


def test_typed_cursor_paging_is_sent_and_walked() -> None:
    people = People(7)
    sent = {"filter": SOME, "cursorPaging": {"limit": 2, "cursor": "3"}}
    query: Query[int] = Query.from_mapping(people.find, sent, has_cursors=True)
    assert asyncio.run(query.find()).items == [3, 4]
    assert people.asked == [sent]
    assert asyncio.run(walked(query)) == [3, 4, 5, 6]


def test_results_say_where_they_are() -> None:
    async def use() -> None:
        people = People(5)
        query = people.query().limit(2)
        first = await query
        assert (first.items, first.length, first.page_size) == ([0, 1], 2, 2)
        assert (first.current_page, first.total_count, first.total_pages) == (0, 5, 3)
        assert (first.has_next(), first.has_prev()) == (True, False)
        assert first.query is query
        second = await first.next()
        last = await second.next()
        assert (last.items, last.current_page) == ([4], 2)
        assert (last.has_next(), last.has_prev()) == (False, True)
        with pytest.raises(NotFound, match="No next page to fetch"):
            await last.next()
        with pytest.raises(NotFound, match="No previous page to fetch"):
            await first.prev()
        assert (await last.prev()).items == second.items
        assert (await (await query.skip(3).find()).prev()).items == [1, 2]
        assert (await (await query.skip(2).limit(4).find()).query.find()).current_page == 0

    asyncio.run(use())


@pytest.mark.parametrize(
    ("people", "limit", "expected"),
    [
        (People(5, counts=False), 2, (0, None, None)),
        (People(5, too_many=True), 2, (0, None, None)),
        (People(5), 0, (None, 5, None)),
    ],
)
def test_without_a_total_there_is_no_next_page(
    people: People, limit: int, expected: tuple[int | None, ...]
) -> None:
    found = asyncio.run(people.query().limit(limit).find())
    assert (found.current_page, found.total_count, found.total_pages) == expected
    assert (found.has_next(), found.has_prev()) == (False, False)


@pytest.mark.parametrize("size", [0, 1, 4, 5])
@pytest.mark.parametrize("has_cursors", [True, False])
@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("skipped", [0, 1, 9])
def test_all_pages_are_walked(size: int, has_cursors: bool, counts: bool, skipped: int) -> None:
    people = People(size, counts=counts)
    query: Query[int] = Query(run=people.find, has_cursors=has_cursors).limit(2).skip(skipped)
    assert asyncio.run(walked(query)) == people.numbers[skipped:]
    way = "cursorPaging" if has_cursors and not skipped else "paging"
    assert all(way in asked for asked in people.asked)


def test_a_walk_with_limit_0_ends() -> None:
    assert asyncio.run(walked(People(5).query().limit(0))) == []
