"""Builds queries step by step, and walks through their results (CONTRACT I.1, I.2)."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Mapping, Sequence
from typing import Any, Generic, Self, TypeAlias, TypeVar

import msgspec

from contactory.domain.errors import NotFound
from contactory.domain.filter_forms import json_form
from contactory.domain.paging import DEFAULT_LIMIT, MOST_ITEMS, PagingMetadata, read_paging
from contactory.domain.seed_names import rest_key

T = TypeVar("T")


class QueryPage(msgspec.Struct, Generic[T], frozen=True):
    """What a noun answers to a query: the items of one page, and its place among all."""

    items: Sequence[T]
    paging_metadata: PagingMetadata


Find: TypeAlias = Callable[[Mapping[str, Any]], Awaitable[QueryPage[T]]]
"""Runs a query as the wire has it: `filter`, `sort` and `paging` or `cursorPaging`."""


class Query(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A query under construction. Each step returns a new query and leaves this one as it is.

    Conditions are combined by AND. Dates become ISO texts; without a zone they count as UTC. The
    fields and the operators that they take are those of CONTRACT D.2 to D.4: what does not fit is
    refused by `find`. `await query` does as `await query.find()`; `async for item in query` walks
    through all pages of `limit` items.
    """

    run: Find[T]
    has_cursors: bool = False
    """Whether `run` takes `cursorPaging`."""
    conditions: tuple[Mapping[str, Any], ...] = ()
    sort: tuple[Any, ...] = ()
    page_size: int = DEFAULT_LIMIT
    offset: int = 0
    others: Mapping[str, Any] = {}
    """Further members of the query, such as `fields`."""

    @classmethod
    def from_mapping(
        cls, run: Find[T], query: Mapping[str, Any], *, has_cursors: bool = False
    ) -> Self:
        """The query of the typed form, `{"filter": …, "sort": …, "paging": …}`.

        Raises IllegalLimit or InvalidArgument when its paging cannot be read.
        """
        paging = read_paging(query.get("paging"), default=DEFAULT_LIMIT, most=MOST_ITEMS)
        sort = query.get("sort")
        if sort is None:
            entries: tuple[Any, ...] = ()
        else:
            entries = tuple(sort) if isinstance(sort, list | tuple) else (sort,)
        sent_filter = query.get("filter")
        return cls(
            run=run,
            has_cursors=has_cursors,
            conditions=() if sent_filter is None else (json_form(sent_filter),),
            sort=tuple(json_form(entry) for entry in entries),
            page_size=paging.limit,
            offset=paging.offset,
            others={
                name: json_form(value)
                for name, value in query.items()
                if name not in ("filter", "sort", "paging")
            },
        )

    def eq(self, field: str, value: Any) -> Self:
        """The field equals the value; None asks for a missing one."""
        return self._with(field, value)

    def ne(self, field: str, value: Any) -> Self:
        """The field does not equal the value, or is missing."""
        return self._test(field, "$ne", value)

    def gt(self, field: str, value: Any) -> Self:
        """The field is greater, or later."""
        return self._test(field, "$gt", value)

    def ge(self, field: str, value: Any) -> Self:
        """The field is greater, later or equal."""
        return self._test(field, "$gte", value)

    def lt(self, field: str, value: Any) -> Self:
        """The field is less, or earlier."""
        return self._test(field, "$lt", value)

    def le(self, field: str, value: Any) -> Self:
        """The field is less, earlier or equal."""
        return self._test(field, "$lte", value)

    def between(self, field: str, low: Any, high: Any) -> Self:
        """The field is `low` or greater, and less than `high`."""
        return self.ge(field, low).lt(field, high)

    def is_in(self, field: str, values: Sequence[Any]) -> Self:
        """The field equals one of the values."""
        return self._test(field, "$in", list(values))

    in_ = is_in

    def has_some(self, field: str, *values: Any) -> Self:
        """The field has one of the values, which may also stand in one list."""
        return self._test(field, "$hasSome", _listed(values))

    def has_all(self, field: str, *values: Any) -> Self:
        """The field has all of the values, which may also stand in one list."""
        return self._test(field, "$hasAll", _listed(values))

    def starts_with(self, field: str, prefix: str) -> Self:
        """The field starts with the prefix; letter case does not count."""
        return self._test(field, "$startsWith", prefix)

    def ends_with(self, field: str, suffix: str) -> Self:
        """Sent as `$endsWith`, which no field takes so far."""
        return self._test(field, "$endsWith", suffix)

    def contains(self, field: str, part: str) -> Self:
        """Sent as `$contains`, which no field takes so far."""
        return self._test(field, "$contains", part)

    def exists(self, field: str, is_there: bool = True) -> Self:
        """The field has a value, or with False has none."""
        return self._test(field, "$exists", is_there)

    def is_empty(self, field: str) -> Self:
        """The field has no value."""
        return self.eq(field, None)

    def is_not_empty(self, field: str) -> Self:
        """The field has a value."""
        return self.ne(field, None)

    def and_(self, other: Query[T]) -> Self:
        """The conditions of this query and those of the other one."""
        return self._add(other.filter) if other.conditions else self

    def or_(self, other: Query[T]) -> Self:
        """The conditions of this query so far, or those of the other one."""
        return self._replace(conditions=({"$or": [self.filter, other.filter]},))

    def not_(self, other: Query[T]) -> Self:
        """The conditions so far, and not those of the other query.

        The JavaScript SDK loses the conditions so far; here they stay and are combined by AND.
        """
        return self._add({"$not": other.filter})

    def ascending(self, *fields: str | Sequence[str]) -> Self:
        """Sort by the fields, smallest first, after those that were named before."""
        return self._sorted(fields, "ASC")

    def descending(self, *fields: str | Sequence[str]) -> Self:
        """Sort by the fields, greatest first, after those that were named before."""
        return self._sorted(fields, "DESC")

    def limit(self, most: int) -> Self:
        """Have at most so many items on a page."""
        return self._replace(page_size=most)

    def skip(self, offset: int) -> Self:
        """Leave out so many items at the start."""
        return self._replace(offset=offset)

    @property
    def filter(self) -> Mapping[str, Any]:
        """The conditions as the wire has them: one stands alone, more are an `$and`."""
        if len(self.conditions) == 1:
            return self.conditions[0]
        return {"$and": list(self.conditions)} if self.conditions else {}

    def to_mapping(self) -> dict[str, Any]:
        """The query as the wire has it."""
        if "cursorPaging" in self.others:
            return self._mapping("cursorPaging", self.others["cursorPaging"])
        return self._offset_mapping()

    async def find(self) -> QueryResult[T]:
        """The page that this query asks for. Raises what the noun's query raises."""
        page = await self.run(self.to_mapping())
        return QueryResult(page.items, self, page.paging_metadata)

    def __await__(self) -> Generator[Any, None, QueryResult[T]]:
        return self.find().__await__()

    def __aiter__(self) -> AsyncIterator[T]:
        # A cursor begins at the start, so that what is skipped can only be counted off.
        return self._by_cursor() if self.has_cursors and not self.offset else self._by_offset()

    async def _by_cursor(self) -> AsyncIterator[T]:
        paging = self.others.get("cursorPaging", {"limit": self.page_size})
        while True:
            page = await self.run(self._mapping("cursorPaging", paging))
            for item in page.items:
                yield item
            cursors = page.paging_metadata.cursors
            if not page.items or cursors is None or cursors.next is None:
                return
            paging = {**paging, "cursor": cursors.next}

    async def _by_offset(self) -> AsyncIterator[T]:
        query = self
        while True:
            page = await query.run(query._offset_mapping())
            for item in page.items:
                yield item
            query = query.skip(query.offset + len(page.items))
            total = page.paging_metadata.total
            if not page.items or (total is not None and query.offset >= total):
                return

    def _offset_mapping(self) -> dict[str, Any]:
        return self._mapping("paging", {"offset": self.offset, "limit": self.page_size})

    def _mapping(self, paging_name: str, paging: Any) -> dict[str, Any]:
        others = {name: item for name, item in self.others.items() if name != "cursorPaging"}
        sort = {"sort": list(self.sort)} if self.sort else {}
        return {**others, "filter": self.filter, paging_name: paging, **sort}

    def _test(self, field: str, operator: str, value: Any) -> Self:
        return self._with(field, {operator: value})

    def _with(self, field: str, condition: Any) -> Self:
        return self._add({rest_key(field): json_form(condition)})

    def _add(self, condition: Mapping[str, Any]) -> Self:
        return self._replace(conditions=(*self.conditions, condition))

    def _sorted(self, fields: Sequence[str | Sequence[str]], order: str) -> Self:
        names = [
            name for given in fields for name in ([given] if isinstance(given, str) else given)
        ]
        entries = ({"fieldName": rest_key(name), "order": order} for name in names)
        return self._replace(sort=(*self.sort, *entries))

    def _replace(self, **changes: Any) -> Self:
        return msgspec.structs.replace(self, **changes)


class QueryResult(Generic[T]):
    """One page of a query (CONTRACT I.2).

    `items` are the page's, `length` is their number, `query` is what was asked, `paging_metadata`
    what the answer said. Page numbers start at 0.
    """

    def __init__(self, items: Sequence[T], query: Query[T], metadata: PagingMetadata) -> None:
        self.items = items
        self.query = query
        self.paging_metadata = metadata

    def __repr__(self) -> str:
        return f"<QueryResult: {self.length} items, {self.total_count} in total>"

    @property
    def length(self) -> int:
        """The number of items on this page."""
        return len(self.items)

    @property
    def page_size(self) -> int:
        """The most items that a page was to have."""
        return self.query.page_size

    @property
    def current_page(self) -> int | None:
        """The number of this page, by offset and limit; None when the limit is 0."""
        return self.query.offset // self.page_size if self.page_size else None

    @property
    def total_count(self) -> int | None:
        """The number of all matches; None where they were not counted."""
        metadata = self.paging_metadata
        return None if metadata.too_many_to_count else metadata.total

    @property
    def total_pages(self) -> int | None:
        """The number of all pages; None where matches were not counted or the limit is 0."""
        if self.total_count is None or not self.page_size:
            return None
        return math.ceil(self.total_count / self.page_size)

    def has_next(self) -> bool:
        """Whether there is a later page; False where matches were not counted."""
        pages, current = self.total_pages, self.current_page
        return pages is not None and current is not None and current < pages - 1

    def has_prev(self) -> bool:
        """Whether there is an earlier page."""
        return bool(self.current_page)

    async def next(self) -> QueryResult[T]:
        """The page after this one. Raises NotFound on the last page."""
        if not self.has_next():
            raise NotFound("No next page to fetch")
        return await self.query.skip(self.query.offset + self.page_size).find()

    async def prev(self) -> QueryResult[T]:
        """The page before this one. Raises NotFound on the first page."""
        if not self.has_prev():
            raise NotFound("No previous page to fetch")
        return await self.query.skip(self.query.offset - self.page_size).find()


def _listed(values: Sequence[Any]) -> list[Any]:
    """The values, which may stand in one list."""
    if len(values) == 1 and isinstance(values[0], list | tuple | set | frozenset):
        return list(values[0])
    return list(values)
